import { frame } from '../../../sim/debug/packets.ts'
import { randomFrom } from '../accel/rig.ts'
import { asm, exit, guest, li } from '../guest.ts'
import { Line } from './line.ts'

/** Beginnings of packets that mean something, so that what follows them gets somewhere. */
const starts = [
  ...[
    'g',
    'G',
    'p',
    'p40',
    'P',
    'P1=',
    'm',
    'm80000000,',
    'm10000000,',
    'M80000000,4:',
    'X80000000,4:',
    'X80000000,0:',
  ],
  ...['Z0,80000000,4', 'z0,80000000,4', 'Z1,', 'Z2,80000100,4', 'Z3,80000100,4', 'z3,80000100,4', 'Z4,', 'Z9,0,0'],
  ...['c', 's', 'C05', 'S05', 'vCont;c', 'vCont;s:1', 'vCont;r80000000,80000010', 'vCont;t', 'vCont?', 'bs', 'bc', 'b'],
  ...['?', 'H', 'T', '!', 'qSupported:', 'qRcmd,', 'qRcmd,72657365740a', 'qXfer:features:read:target.xml:', 'qC', 'q'],
  ...['qXfer:memory-map:read::', 'QStartNoAckMode', 'v', 'vKill;1', 'k', 'D', 'R', '\x03', '+', '-', ''],
]
const letters = '0123456789abcdef,;:=#$}*+-\x03\xff'
/** Sessions end by themselves (kill, detach, exit); a new one begins after so many cases at the latest. */
const CASES_OF_SESSION = 200

/**
 * Sends random, half-sensible packets and bare garbage to sessions on a small program. An exception of ours fails; so
 * does a session that stops answering while it should.
 */
export function fuzzSessions(cases: number, seed: number): { readonly sessions: number; readonly answers: number } {
  const random = randomFrom(seed)
  const pick = <T>(from: ArrayLike<T>): T => from[random(0, from.length - 1)]!
  const program = [
    ...li(5, 20),
    asm('addi', { rd: 5, rs1: 5, imm: -1 }),
    asm('bne', { rs1: 5, rs2: 0, imm: -4 }),
    ...exit,
  ]
  const machine = guest(program)
  const start = machine.save()
  let line = new Line(machine)
  let sessions = 1
  let answers = 0
  for (let index = 0; index < cases; index++) {
    const tail = Array.from({ length: random(0, 12) }, () => pick(letters)).join('')
    const text = Buffer.from(pick(starts) + tail, 'latin1')
    const bytes = random(0, 3) === 0 ? text : frame(text)
    if (line.raw(bytes) !== '') answers++
    for (let slice = 0; slice < 3 && line.session.work(); slice++);
    line.raw('\x03')
    const { departure, exitCode } = line.session
    if (departure === undefined && exitCode === undefined && index % CASES_OF_SESSION !== 0) continue
    if (departure === undefined && exitCode === undefined && line.ask('?') === '')
      throw new Error(`no answer after case ${index}`)
    machine.restore(start)
    line.timeline.stops.clear()
    line = new Line(machine)
    sessions++
  }
  return { sessions, answers }
}
