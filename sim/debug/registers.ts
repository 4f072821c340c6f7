/**
 * Registers as GDB numbers them (GDB manual, appendix G.5.11): x0 to x31, pc, then the control registers by their
 * number. Values are unsigned 32-bit words.
 */
import { csrRows } from '../cpu/csr/rows.ts'
import type { Hart } from '../cpu/hart.ts'
import { registerNames } from '../cpu/register-names.ts'

const PC = 32
const FIRST_CSR = 65
/** Those that the `g` packet carries. */
export const GENERAL_REGISTERS = PC + 1

/** GDB knows s0 as the frame pointer. */
const names = registerNames.map((name) => (name === 's0' ? 'fp' : name))

/** Value of a register, or undefined when the hart has none of this number. */
export function readRegister(hart: Hart, number: number): number | undefined {
  if (number < PC) return hart.x[number]! >>> 0
  if (number === PC) return hart.pc
  const address = number - FIRST_CSR
  return hart.csrs.row(address) === undefined ? undefined : hart.csrs.read(address) >>> 0
}

/** False when the hart has no register of this number. x0 stays zero; control registers keep their read-only bits. */
export function writeRegister(hart: Hart, number: number, value: number): boolean {
  const address = number - FIRST_CSR
  if (number < PC) {
    if (number > 0) hart.x[number] = value
  } else if (number === PC) {
    hart.pc = (value & (hart.compressed ? ~1 : ~3)) >>> 0
    hart.waiting = false
    hart.spinning = false
  } else if (hart.csrs.row(address) !== undefined) hart.csrs.write(address, value | 0)
  else return false
  return true
}

/** Target description of the hart. */
export function targetDescription(hart: Hart): string {
  const general = names.map((name, number) => register(name, number, pointers[name] ?? 'int'))
  const control = csrRows
    .filter(({ address }) => hart.csrs.row(address) !== undefined)
    .map(({ name, address }) => register(name, FIRST_CSR + address, 'int', ' group="csr"'))
  return `<?xml version="1.0"?>
<!DOCTYPE target SYSTEM "gdb-target.dtd">
<target version="1.0">
<architecture>riscv:rv32</architecture>
<feature name="org.gnu.gdb.riscv.cpu">
${general.join('\n')}
${register('pc', PC, 'code_ptr')}
</feature>
<feature name="org.gnu.gdb.riscv.csr">
${control.join('\n')}
</feature>
</target>
`
}

const pointers: Readonly<Record<string, string>> = { ra: 'code_ptr', sp: 'data_ptr', gp: 'data_ptr', tp: 'data_ptr' }

function register(name: string, number: number, type: string, more = ''): string {
  return `<reg name="${name}" bitsize="32" type="${type}" regnum="${number}"${more}/>`
}
