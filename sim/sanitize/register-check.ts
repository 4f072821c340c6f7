/** Accesses of the hart to registers, held to the rows that describe them. */
import type { AcceleratorDescription } from '../accel/description.ts'
import type { RegisterRow } from '../devices/registers.ts'
import { maskOf } from '../devices/registers.ts'
import type { DeviceAccess } from '../probe/probe.ts'
import type { SocDescription } from '../soc/description.ts'
import { deviceRegisters } from '../soc/registers.ts'
import type { Findings } from './findings.ts'
import type { Kind } from './kinds.ts'
import type { Places } from './places.ts'

type Row = Pick<RegisterRow, 'offset' | 'name' | 'size' | 'access' | 'fields' | 'array'>

export class RegisterCheck {
  private readonly findings: Findings
  private readonly places: Places
  private readonly rows = new Map<string, readonly Row[]>()
  private readonly windows = new Set<string>()

  constructor(
    findings: Findings,
    places: Places,
    soc: SocDescription,
    accelerator: AcceleratorDescription | undefined,
  ) {
    this.findings = findings
    this.places = places
    for (const { name, kind } of soc.blocks) {
      if (kind === 'accelerator') this.windows.add(`${name} window`)
      const rows = kind === 'accelerator' ? accelerator?.registers.map(wordRow) : rowsOf(kind)
      if (rows !== undefined) this.rows.set(name, rows)
    }
  }

  access(access: DeviceAccess, caller: number): void {
    const { region, offset, size, write, value } = access
    if (this.windows.has(region)) {
      if (value === undefined) this.report('outside-scratchpad', access, caller, 'no scratchpad has this byte')
      return
    }
    const rows = this.rows.get(region)?.filter((row) => covers(row, offset))
    if (rows === undefined) return
    const allowed = rows.filter((row) => row.access !== (write ? 'ro' : 'wo'))
    const [row] = rows
    if (row === undefined) {
      if (value === undefined) this.report('unknown-register', access, caller, `${region} has no register there`)
    } else if (allowed.length === 0) {
      const only = write ? 'read-only, the write is lost or traps' : 'write-only, the read means nothing'
      this.report(write ? 'write-read-only' : 'read-write-only', access, caller, `${row.name} is ${only}`)
    } else if (value === undefined && allowed.every((one) => one.size !== size)) {
      const message = `${row.name} has ${8 * row.size} bits, but is accessed with ${8 * size}; use a pointer to uint${8 * row.size}_t`
      this.report('register-width', access, caller, message)
    } else if (write && value !== undefined) this.checkReserved(allowed, access, value, caller)
  }

  private checkReserved(rows: readonly Row[], access: DeviceAccess, value: number, caller: number): void {
    let defined = 0
    for (const { fields } of rows) {
      if (fields === undefined) return
      for (const field of Object.values(fields)) defined |= maskOf(field)
    }
    const extra = (value & ~defined) >>> 0
    if (extra === 0) return
    const message = `bits 0x${extra.toString(16)} of ${rows[0]!.name} are reserved; write zero there, later hardware may give them a meaning`
    this.report('reserved-register-bits', access, caller, message)
  }

  private report(kind: Kind, { region, offset, write, pc, at }: DeviceAccess, caller: number, message: string): void {
    const what = `${write ? 'write' : 'read'} of ${region}+0x${offset.toString(16)} by the hart`
    this.findings.add(kind, at, message, this.places.hart(what, { pc, caller, at }))
  }
}

function wordRow({ offset, name, access, fields }: AcceleratorDescription['registers'][number]): Row {
  return { offset, name, access, size: 4, ...(fields && { fields }) }
}

function rowsOf(kind: string): readonly Row[] | undefined {
  return Object.hasOwn(deviceRegisters, kind) ? deviceRegisters[kind as keyof typeof deviceRegisters] : undefined
}

function covers({ offset, size, array }: Row, at: number): boolean {
  if (array === undefined) return at >= offset && at < offset + size
  const index = Math.floor((at - offset) / array.stride)
  return index >= 0 && index < array.count && at - offset - index * array.stride < size
}
