/** Test finisher (SiFive `test` device, as on the `virt` machine): a word store to offset 0 ends the run. */
import type { AccessSize, Device } from '../bus/device.ts'
import type { RegisterRow } from './registers.ts'

const FAIL = 0x3333
const PASS = 0x5555
const RESET = 0x7777

export const finisherRegisters: readonly RegisterRow[] = [
  {
    offset: 0,
    name: 'finish',
    size: 4,
    access: 'wo',
    doc: '0x5555: exit 0; 0x3333 | code << 16: exit code; 0x7777: reset, ends with 0',
  },
]

export class Finisher implements Device {
  readonly name: string
  private readonly exit: (code: number) => void

  constructor(name: string, exit: (code: number) => void) {
    this.name = name
    this.exit = exit
  }

  read(offset: number): number | undefined {
    return offset === 0 ? 0 : undefined
  }

  write(offset: number, size: AccessSize, value: number): boolean {
    if (offset !== 0 || size === 1) return false
    const command = value & 0xffff
    if (command === PASS || command === RESET) this.exit(0)
    if (command === FAIL) this.exit((value >>> 16) & 0xffff)
    return true
  }
}
