/** Why control goes to the trap handler: a plain value that is returned, never thrown. */
export interface Trap {
  readonly cause: number
  /** What mtval gets: the address or the instruction at fault, else 0. */
  readonly value: number
  /** Who refused, for diagnostics, when it is not what is mapped there. */
  readonly by?: 'PMP' | 'injected fault'
}

/** Exception codes of mcause (privileged ISA 20240411, table 14). */
export const cause = {
  fetchMisaligned: 0,
  fetchFault: 1,
  illegalInstruction: 2,
  breakpoint: 3,
  loadMisaligned: 4,
  loadFault: 5,
  storeMisaligned: 6,
  storeFault: 7,
  userCall: 8,
  machineCall: 11,
} as const

/** Interrupt codes of mcause, which are also bit numbers of mip and mie. */
export const interrupt = { software: 3, timer: 7, external: 11 } as const

/** Interrupt codes in the order in which simultaneous ones are taken (privileged ISA, section 3.1.9). */
export const interruptPriority: readonly number[] = [interrupt.external, interrupt.software, interrupt.timer]

const names: Readonly<Record<number, string>> = {
  [cause.fetchMisaligned]: 'instruction address misaligned',
  [cause.fetchFault]: 'instruction access fault',
  [cause.illegalInstruction]: 'illegal instruction',
  [cause.breakpoint]: 'breakpoint',
  [cause.loadMisaligned]: 'load address misaligned',
  [cause.loadFault]: 'load access fault',
  [cause.storeMisaligned]: 'store address misaligned',
  [cause.storeFault]: 'store access fault',
  [cause.userCall]: 'environment call from U-mode',
  [cause.machineCall]: 'environment call from M-mode',
}

/** The specification's name of an exception. */
export function causeName(code: number): string {
  return names[code] ?? `exception ${code}`
}
