import { expect, test } from 'vitest'
import type { DwarfSections } from '../../../sim/debug-info/dwarf-form.ts'
import { readLinePrograms } from '../../../sim/debug-info/dwarf-line.ts'

const nothing = new Uint8Array(0)

function read(line: Uint8Array) {
  const sections: DwarfSections = {
    info: nothing,
    abbrev: nothing,
    line,
    str: undefined,
    lineStr: undefined,
    strOffsets: undefined,
    addr: undefined,
    ranges: undefined,
    rnglists: undefined,
  }
  return readLinePrograms(sections)
}

test('a program that claims to be longer than its section ends with the section', () => {
  const length = [0xef, 0xff, 0xff, 0xff]
  const version4 = [4, 0]
  const header = [8, 0, 0, 0, 1, 1, 1, 0xfb, 14, 1, 0, 0]
  const programs = read(Uint8Array.from([...length, ...version4, ...header, 14, 14]))
  expect([...programs.values()].flatMap(({ sequences }) => sequences)).toEqual([])
})

test('a file table that claims more entries than its section has bytes ends there', () => {
  const version5 = [5, 0, 4, 0]
  const header = [40, 0, 0, 0, 1, 1, 1, 0xfb, 14, 1]
  const noColumns = 0
  const manyEntries = [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]
  expect(read(Uint8Array.from([60, 0, 0, 0, ...version5, ...header, noColumns, ...manyEntries])).size).toBe(1)
})
