import { describe, expect, test } from 'vitest'
import { asm, exit, guest, li, START } from '../guest.ts'
import { fuzzSessions } from './fuzz.ts'
import { Line } from './line.ts'

const DATA = 0x8000_0100
/** Stores 1, 2 and 3 to DATA, reads it back, ends. */
const program = [
  ...li(5, DATA),
  ...[1, 2, 3].flatMap((value) => [asm('addi', { rd: 6, rs1: 0, imm: value }), asm('sw', { rs1: 5, rs2: 6 })]),
  asm('lw', { rd: 7, rs1: 5 }),
  ...exit,
]
const open = () => new Line(guest(program))
const hex = (value: number) => value.toString(16)

describe('a session', () => {
  test('acknowledges packets until told not to', () => {
    const line = open()
    expect(line.raw('$qC#b4')).toBe('+$QC1#c5')
    expect(line.raw('$qC#00')).toBe('-')
    expect(line.raw('-')).toBe('$QC1#c5')
    expect(line.raw('$QStartNoAckMode#b0')).toBe('+$OK#9a')
    expect(line.raw('$qC#b4')).toBe('$QC1#c5')
  })

  test('says what it can', () => {
    const line = open()
    expect(line.ask('qSupported:swbreak+')).toMatch(/PacketSize=8000;.*ReverseStep\+;ReverseContinue\+/)
    expect(line.ask('vCont?')).toBe('vCont;c;C;s;S;r')
    expect(line.ask('vMustReplyEmpty')).toBe('')
    expect(line.ask('?')).toBe('T05thread:1;')
  })

  test('describes registers and memory in pieces', () => {
    const line = open()
    let xml = ''
    for (let offset = 0; ; offset += 1000) {
      const piece = line.ask(`qXfer:features:read:target.xml:${hex(offset)},${hex(1000)}`)
      xml += piece.slice(1)
      if (piece.startsWith('l')) break
    }
    expect(xml).toContain('<reg name="sp" bitsize="32" type="data_ptr" regnum="2"/>')
    expect(xml).toContain(`<reg name="mstatus" bitsize="32" type="int" regnum="${65 + 0x300}" group="csr"/>`)
    expect(xml.trimEnd()).toMatch(/<\/target>$/)
    expect(line.ask('qXfer:memory-map:read::0,4000')).toContain(
      '<memory type="ram" start="0x80000000" length="0x1000000"/>',
    )
  })

  test('reads and writes registers, one and all', () => {
    const line = open()
    expect(line.ask('P5=78563412')).toBe('OK')
    expect(line.ask('p5')).toBe('78563412')
    const all = line.ask('g')
    expect(all).toHaveLength(33 * 8)
    expect(all.slice(5 * 8, 6 * 8)).toBe('78563412')
    expect(line.ask(`G${'00000000'.repeat(31)}${'ffffffff'}${'00000080'}`)).toBe('OK')
    expect(line.ask('p1f')).toBe('ffffffff')
    expect(line.ask('p20')).toBe('00000080')
    expect(line.ask('P0=01000000')).toBe('OK')
    expect(line.ask('p0')).toBe('00000000')
    for (const bad of ['pfffff', 'P5=12', 'P=', 'G00', 'p', 'pzz', 'P5']) expect(line.ask(bad), bad).toMatch(/^E/)
  })

  test('reads and writes memory, escaped bytes too', () => {
    const line = open()
    expect(line.ask(`M${hex(DATA)},3:a1b2c3`)).toBe('OK')
    expect(line.ask(`m${hex(DATA)},4`)).toBe('a1b2c300')
    expect(line.ask(Buffer.from(`X${hex(DATA)},4:}#$*`, 'latin1'))).toBe('OK')
    expect(line.ask(`m${hex(DATA)},4`)).toBe('7d23242a')
    expect(line.ask(`X${hex(DATA)},0:`)).toBe('OK')
    for (const bad of [
      'm',
      'm0',
      'm0,',
      'm70000000,4',
      'M80000000,4:00',
      'X80000000,4:a',
      'm80000000,ffffffff',
      'm80fffffe,4',
    ])
      expect(line.ask(bad), bad).toMatch(/^E/)
  })

  test('looks at devices without a trace, and writes to them', () => {
    const line = open()
    expect(line.ask('m2004000,8')).toBe('ffffffffffffffff')
    expect(line.ask('M2004000,4:05000000')).toBe('OK')
    expect(line.ask('m2004000,4')).toBe('05000000')
    expect(line.ask('m10000005,1')).toBe('60')
    expect(line.ask('m100000,4')).toBe('00000000')
    expect(line.ask('M10000020,4:00000000')).toBe('E0e')
  })

  test('stops at breakpoints of both kinds, once for each time around', () => {
    const line = open()
    const at = START + 3 * 4
    expect(line.ask(`Z0,${hex(at)},4`)).toBe('OK')
    expect(line.ask(`Z1,${hex(at)},4`)).toBe('OK')
    expect(line.ask('c')).toBe('T05thread:1;')
    expect(line.ask('p20')).toBe('0c000080')
    expect(line.ask(`z0,${hex(at)},4`)).toBe('OK')
    expect(line.ask(`c${hex(START)}`)).toBe('T05thread:1;')
    expect(line.ask(`z1,${hex(at)},4`)).toBe('OK')
    expect(line.ask('vCont;c:1')).toBe('W00')
  })

  test('stops at watchpoints after the access, and on the way back before it', () => {
    const line = open()
    line.ask(`Z2,${hex(DATA)},4`)
    const stop = `T05thread:1;watch:${hex(DATA)};`
    expect([line.ask('c'), line.ask(`m${hex(DATA)},1`)]).toEqual([stop, '01'])
    expect([line.ask('c'), line.ask(`m${hex(DATA)},1`)]).toEqual([stop, '02'])
    expect([line.ask('bc'), line.ask(`m${hex(DATA)},1`)]).toEqual([stop, '01'])
    expect([line.ask('bc'), line.ask(`m${hex(DATA)},1`)]).toEqual([stop, '00'])
    expect(line.ask('bc')).toBe('T05thread:1;replaylog:begin;')
    line.ask(`z2,${hex(DATA)},4`)
    line.ask(`Z3,${hex(DATA)},4`)
    expect([line.ask('c'), line.ask('p7')]).toEqual([`T05thread:1;rwatch:${hex(DATA)};`, '03000000'])
    expect([line.ask('bc'), line.ask('p7')]).toEqual([`T05thread:1;rwatch:${hex(DATA)};`, '00000000'])
    line.ask(`z3,${hex(DATA)},4`)
    line.ask(`Z4,${hex(DATA)},4`)
    expect(line.ask('c')).toBe(`T05thread:1;awatch:${hex(DATA)};`)
  })

  test('steps: once, through a range, back', () => {
    const line = open()
    expect(line.ask('s')).toBe('T05thread:1;')
    expect(line.ask('p20')).toBe('04000080')
    line.ask(`vCont;r${hex(START)},${hex(START + 16)}:1`)
    expect(line.ask('p20')).toBe('10000080')
    expect(line.ask('bs')).toBe('T05thread:1;')
    expect(line.ask('p20')).toBe('0c000080')
  })

  test('is interrupted while it runs for ever, and answers nothing meanwhile', () => {
    const line = new Line(guest([asm('jal', { rd: 0, imm: 0 }), ...exit]))
    line.ask(`M2004000,8:ffffff7f00000000`)
    line.raw('$c#63')
    for (let slice = 0; slice < 3; slice++) expect(line.session.work()).toBe(true)
    expect(line.raw('$g#67')).toBe('+')
    expect(line.raw('\x03')).toBe('$T02thread:1;#d4')
    expect(line.ask('p20')).toBe('00000080')
  })

  test('tells of traps and deadlocks, where the program stands', () => {
    const trap = new Line(guest([0]))
    expect(trap.ask('c')).toBe('T0bthread:1;')
    expect(trap.reports.join()).toMatch(/^trap: illegal instruction/)
    const deadlock = new Line(guest([asm('wfi'), ...exit]))
    expect(deadlock.ask('c')).toBe('T06thread:1;')
    expect(deadlock.reports.join()).toMatch(/^deadlock: the hart waits/)
  })

  test('ends by kill and by detach', () => {
    const killed = open()
    killed.ask('k')
    expect(killed.session.departure).toBe('killed')
    const politely = open()
    expect(politely.ask('vKill;1')).toBe('OK')
    const detached = open()
    expect([detached.ask('D;1'), detached.session.departure]).toEqual(['OK', 'detached'])
  })

  test('has monitor commands', () => {
    const line = open()
    line.ask('s')
    expect(line.monitor('instructions')).toBe('1')
    expect(Number(line.monitor('cycles'))).toBeGreaterThan(0)
    expect(line.monitor('accelerator')).toBe('there is none that can tell')
    expect(line.monitor('snapshot a.snap')).toBe('saved a.snap')
    expect(line.snapshots).toEqual(['a.snap'])
    expect(line.monitor('snapshot')).toBe('say a file to write')
    expect(line.monitor('reset')).toBe('reset')
    expect(line.monitor('cycles')).toBe('0')
    expect(line.monitor('constructor')).toContain('snapshot FILE')
  })

  test('survives whatever comes over the line', () => {
    const { sessions, answers } = fuzzSessions(3000, 1)
    expect(sessions).toBeGreaterThan(100)
    expect(answers).toBeGreaterThan(1000)
  })
})
