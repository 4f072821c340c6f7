/** Builds the planted bugs: `npx tsx programs/planted-bugs/build.ts unordered-read bug.elf [--fixed]`. */
import { readdirSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { buildFirmware } from '../../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../../compiler/toolchain/find-toolchain.ts'
import { runtimeIncludeDirs, runtimeSources } from '../../compiler/toolchain/runtime-sources.ts'
import { acceleratorViews } from '../../sim/cli/accelerator-views.ts'
import { reportFailure } from '../../sim/cli/report-failure.ts'
import { NETWORK_SECTION } from '../../sim/debug-info/network-map.ts'
import { UserError } from '../../sim/diagnostic.ts'
import { socHeader } from '../../sim/soc/c-header.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { linkerScript } from '../../sim/soc/linker-script.ts'

const folder = fileURLToPath(new URL('.', import.meta.url))

/** Names of the bugs, in the order of `planted_case`; each is a file of this folder. */
export const plantedBugs: readonly string[] = readdirSync(folder)
  .filter((file) => file.endsWith('.c') && file !== 'base.c')
  .map((file) => file.slice(0, -'.c'.length))
  .sort()

/** Path of a bug's source. */
export const plantedFile = (name: string) => join(folder, `${name}.c`)

/**
 * One firmware with all bugs, of which one runs: `chosen`, or what is written to `planted_case` before the start.
 * @param bug whether the bugs are in it
 */
export async function buildPlanted(bug: boolean, chosen = plantedBugs[0]!): Promise<Uint8Array> {
  const functions = plantedBugs.map((name) => name.replaceAll('-', '_'))
  const headers = Object.entries(await acceleratorViews(defaultSoc)).map(
    ([name, { header }]) => [`${name}.h`, header] as const,
  )
  const caseHeader = [
    ...functions.map((name) => `void ${name}(void);`),
    `#define PLANTED_FUNCTIONS ${functions.join(', ')}`,
    `#define PLANTED_CASE ${plantedBugs.indexOf(chosen)}`,
    '',
  ].join('\n')
  return buildFirmware(
    {
      sources: [
        ...runtimeSources(['boot', 'hal', 'libc', 'accel']),
        ...['base', ...plantedBugs].map((name) => plantedFile(name)),
      ],
      includeDirs: [...runtimeIncludeDirs(), folder],
      generated: new Map<string, string | Uint8Array>([
        ['soc.h', socHeader(defaultSoc)],
        ['case.h', caseHeader],
        ['network.S', `  .section ${NETWORK_SECTION}, "", @progbits\n  .incbin "network.json"\n`],
        ['network.json', readFileSync(join(folder, 'network.json'), 'utf8')],
        ...headers,
      ]),
      linkerScript: linkerScript(defaultSoc),
      isa: defaultSoc.hart.isa,
      ...(bug ? { defines: { BUG: 1 } } : {}),
    },
    findToolchain(),
  )
}

async function main(args: readonly string[]): Promise<void> {
  const [name = '', output = `${name}.elf`] = args.filter((arg) => arg !== '--fixed')
  if (!plantedBugs.includes(name))
    throw new UserError('bug-unknown', `there is no planted bug '${name}'`, `choose one of ${plantedBugs.join(', ')}`)
  writeFileSync(output, await buildPlanted(!args.includes('--fixed'), name))
}

if (process.argv[1] !== undefined && realpathSync(process.argv[1]) === fileURLToPath(import.meta.url)) {
  try {
    await main(process.argv.slice(2))
  } catch (error) {
    process.exitCode = reportFailure(error)
  }
}
