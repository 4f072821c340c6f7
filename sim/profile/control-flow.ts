/** What an instruction does to the chain of callers. */
export const flow = { straight: 0, jump: 1, call: 2, return: 3, swap: 4, trapReturn: 5 } as const
export type Flow = (typeof flow)[keyof typeof flow]

const JAL = 0x6f
const JALR = 0x67
const MRET = 0x3020_0073
/** ra and t0 (unprivileged ISA, table 3, "return-address prediction stack hints"). */
const isLink = (register: number) => register === 1 || register === 5

/**
 * Calls and returns as the ABI writes them: a jump that saves its return address in ra or t0 calls, a jump through one
 * of them that saves nothing returns, a jump through one that saves in the other returns and calls (coroutines).
 *
 * @param raw the encoding; 16 bits of it for a compressed one
 */
export function flowOf(raw: number): Flow {
  if ((raw & 3) !== 3) return compressedFlow(raw)
  const opcode = raw & 0x7f
  if (opcode !== JAL && opcode !== JALR) return raw === MRET ? flow.trapReturn : flow.straight
  const rd = (raw >>> 7) & 31
  const rs1 = opcode === JALR ? (raw >>> 15) & 31 : 0
  if (!isLink(rd)) return isLink(rs1) ? flow.return : flow.jump
  return isLink(rs1) && rs1 !== rd ? flow.swap : flow.call
}

/** c.jal, c.j, c.jr and c.jalr (unprivileged ISA, chapter "C", instruction set listings). */
function compressedFlow(raw: number): Flow {
  const kind = raw & 0xe003
  if (kind === 0x2001) return flow.call
  if (kind === 0xa001) return flow.jump
  const rs1 = (raw >>> 7) & 31
  if (kind !== 0x8002 || (raw & 0x7c) !== 0 || rs1 === 0) return flow.straight
  const saves = (raw & 0x1000) !== 0
  if (!saves) return isLink(rs1) ? flow.return : flow.jump
  return rs1 === 5 ? flow.swap : flow.call
}

/** Bytes of an instruction. */
export const lengthOf = (raw: number) => ((raw & 3) === 3 ? 4 : 2)
