import { expect, it } from 'vitest'
import { buildPlanted } from '../../../programs/planted-bugs/build.ts'
import { acceleratorFactories } from '../../../sim/cli/accelerator-factories.ts'
import { openSanitizer } from '../../../sim/cli/sanitize-options.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { parseFault } from '../../../sim/inject/parse.ts'
import { Machine } from '../../../sim/machine.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'

/** Correct firmware that waits for the accelerator, on hardware that does not do its part. */
it.each([
  ['stuck:unit=load,at=0', 'as load (command 0) does not end'],
  [
    'drop-irq:source=11',
    'although fence (command 1) is complete, because its interrupt does not get through: enable it at the interrupt controller and in mie',
  ],
])('with %s the hart waits for ever, %s', async (fault, why) => {
  const sanitizer = await openSanitizer('all', defaultSoc)
  const machine = new Machine(defaultSoc, {
    accelerators: await acceleratorFactories(defaultSoc),
    faults: { inject: [parseFault(fault)], seed: 1 },
    probes: [sanitizer!.probe],
  })
  machine.load(await loadElf(await buildPlanted(false, 'lost-wakeup'), 'lost-wakeup'))
  const result = machine.run({ maxCycles: 200_000 })
  expect(result.reason).toBe('deadlock')
  expect(sanitizer!.probe.finish(result)).toMatchObject([
    {
      kind: 'wfi-forever',
      message: `the hart waits for an interrupt for ever, ${why}`,
      first: { function: 'lost_wakeup' },
      second: { function: 'lost_wakeup' },
    },
  ])
})
