import { ACCESS_STORE, type InstructionLog } from '../../../sim/probe/instruction-log.ts'

/** The entries of a log as lists of numbers: what there is to know of each retired instruction. */
export function entriesOf(log: InstructionLog): number[][] {
  return Array.from({ length: log.count }, (_, i) => {
    const access = log.access[i]!
    const accessed = access === 0 ? [] : [access, log.address[i]!]
    const stored = (access & ACCESS_STORE) === 0 ? [] : [log.stored[i]!]
    const controls = log.controls.filter(({ entry }) => entry === i).flatMap(({ csr, value }) => [csr, value | 0])
    const times = [log.began[i]!, log.began[i + 1]!]
    const code = [log.pc[i]!, log.raw[i]!, log.privilege[i]!, log.destination[i]!, log.result[i]!]
    return [...code, ...times, ...accessed, ...stored, ...controls]
  })
}
