import { UserError } from '../diagnostic.ts'

/** What decides how a machine behaves besides its state, as text: a state fits only machines with the same. */
export type MachineIdentity = {
  readonly soc: string
  /** Names of everything on the bus: an accelerator without a model is not there. */
  readonly blocks: string
  readonly isa: string
  readonly cpu: string
  readonly misaligned: string
  /** Digest of what was loaded. */
  readonly program: string
}

/** What a message may repeat of a file. */
const READABLE = /^[\w -]{0,200}$/

/** What the parts are called, and whether their text tells a person anything. */
const parts: Readonly<Record<keyof MachineIdentity, { readonly what: string; readonly shown: boolean }>> = {
  soc: { what: 'another SoC', shown: false },
  blocks: { what: 'a SoC with other blocks', shown: true },
  isa: { what: 'another ISA', shown: true },
  cpu: { what: 'another timing model', shown: true },
  misaligned: { what: 'another treatment of misaligned accesses', shown: true },
  program: { what: 'another program', shown: false },
}

/** @throws UserError when a state with identity `saved` is none of a machine with identity `own` */
export function checkIdentity(saved: MachineIdentity, own: MachineIdentity): void {
  for (const [key, { what, shown }] of Object.entries(parts) as [keyof MachineIdentity, (typeof parts)['soc']][]) {
    if (saved[key] === own[key]) continue
    const texts = shown && READABLE.test(saved[key]) ? ` (${saved[key]}, not ${own[key]})` : ''
    throw new UserError(
      'snapshot-foreign',
      `the snapshot is of ${what}${texts}`,
      'restore it with the program and the options that it was taken with',
    )
  }
}
