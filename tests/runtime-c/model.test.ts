import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { cnn } from '../../accelerators/cnn/hardware.ts'
import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { runtimeFolder, runtimeIncludeDirs, runtimeSources } from '../../compiler/toolchain/runtime-sources.ts'
import type { Toolchain } from '../../compiler/toolchain/toolchain.ts'
import { acceleratorHeader } from '../../sim/accel/c-header.ts'
import { resolveParameters } from '../../sim/accel/resolve-parameters.ts'
import { socHeader } from '../../sim/soc/c-header.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { linkerScript } from '../../sim/soc/linker-script.ts'
import { boot, installedToolchains } from './firmware.ts'

/** What the compiler generates for a model, here by hand: one layer that takes x to -x - 1. */
const model = `#include "presilicon/kernels.h"
#include "presilicon/model.h"
#include "presilicon/profile.h"

/* Not in .bss, which start-up clears: the host has written the input by then. */
__attribute__((section(".data.arena"))) int8_t arena[16];
struct layer_time model_profile[1];
static const int32_t shape[] = {1, 8};
static const struct model_tensor input = {arena, 8, "in", shape, 2, 0.5f, 3}, output = {arena + 8, 8, "out", shape, 2, 1.0f, 0};
const struct model_description model_description = {"negate", &input, &output, 1, 1, 1, sizeof arena};

int model_invoke(void)
{
  static int8_t table[256];
  for (int i = 0; i < 256; i++) table[i] = (int8_t)(127 - i);
  profile_begin(0);
  lookup_s8(table, model_input(0), arena + 8, 8);
  profile_end(0);
  return model_input(1) == 0 && model_output(1) == 0 && model_output(0) == arena + 8 ? 0 : 1;
}
`

/** The whole runtime with the harness of `sim infer`: every file compiles, whether it is used or not. */
function build(toolchain: Toolchain, isa: string): Promise<Uint8Array> {
  const generated = new Map([
    ['soc.h', socHeader(defaultSoc)],
    ['accelerator.h', acceleratorHeader(cnn, resolveParameters(cnn, {}))],
    ['model.c', model],
  ])
  return buildFirmware(
    {
      sources: [...runtimeSources(), join(runtimeFolder(), 'harness', 'infer_main.c')],
      includeDirs: runtimeIncludeDirs(),
      generated,
      linkerScript: linkerScript(defaultSoc),
      isa,
    },
    toolchain,
  )
}

describe.each(installedToolchains)('the runtime built by $name', (toolchain) => {
  test.each(['rv32im', 'rv32imc'])('without a warning for %s runs a model', async (isa) => {
    const machine = await boot(await build(toolchain, isa), { isa })
    const address = (symbol: string) => machine.symbols.get(symbol)!.address
    machine.writeMemory(address('arena'), new Uint8Array(Int8Array.of(-128, -1, 0, 1, 5, 100, 126, 127).buffer))
    const { reason, exitCode, regions } = machine.run({ maxInstructions: 100_000 })

    expect({ reason, exitCode }).toEqual({ reason: 'exit', exitCode: 0 })
    const output = new Int8Array(machine.readMemory(address('arena') + 8, 8).buffer)
    expect(Array.from(output)).toEqual([127, 0, -1, -2, -6, -101, -127, -128])

    // The layer ran inside the measured region, on the time base of the host.
    const times = new BigUint64Array(machine.readMemory(address('model_profile'), 16).buffer)
    expect(times[1]!).toBeGreaterThan(times[0]!)
    expect(Number(times[1]! - times[0]!)).toBeLessThan(regions[0]!.cycles)
  })
})
