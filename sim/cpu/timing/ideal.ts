import type { TimingModel } from './timing-model.ts'

const one = { cycles: 1 }

/** Every instruction takes one cycle: for questions in which the hart's pipeline shall not matter. */
export const ideal: TimingModel = {
  name: 'ideal',
  summary: 'one cycle for every instruction',
  instruction: () => one,
  trap: 0,
}
