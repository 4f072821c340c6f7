/** Every view of a SoC, read by the program that it is made for. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { cnn } from '../../../accelerators/cnn/hardware.ts'
import { buildFirmware } from '../../../compiler/toolchain/build-firmware.ts'
import { findToolchain } from '../../../compiler/toolchain/find-toolchain.ts'
import { acceleratorView } from '../../../sim/accel/view.ts'
import { loadElf } from '../../../sim/elf/load.ts'
import { Machine } from '../../../sim/machine.ts'
import { socHeader } from '../../../sim/soc/c-header.ts'
import { defaultSoc } from '../../../sim/soc/default.ts'
import { findBlock, type SocBlock, type SocDescription } from '../../../sim/soc/description.ts'
import { deviceTree, printDts } from '../../../sim/soc/device-tree.ts'
import { encodeDtb } from '../../../sim/soc/device-tree-blob.ts'
import { linkerScript } from '../../../sim/soc/linker-script.ts'
import { memoryMap, memoryMapText } from '../../../sim/soc/memory-map.ts'
import { deviceRegisters } from '../../../sim/soc/registers.ts'
import { socSvd } from '../../../sim/soc/svd.ts'

const folder = mkdtempSync(join(tmpdir(), 'soc-views-'))
afterAll(() => rmSync(folder, { recursive: true }))

const installed = (program: string) => spawnSync(program, ['--version']).error === undefined
const views = { accelerator: acceleratorView(cnn, findBlock(defaultSoc, 'accelerator')!) }

/** Everything moved, two UARTs, two memories, no accelerator. */
const ram = (name: string, base: number): SocBlock => ({ kind: 'ram', name, base, size: 0x1_0000, doc: '' })
const uart = (name: string, base: number, irq: number): SocBlock =>
  ({ kind: 'uart16550', name, base, size: 0x100, irq, clockHz: 1_843_200, doc: '<serial> & "port"' }) as const
const other: SocDescription = {
  ...defaultSoc,
  name: 'other chip',
  blocks: [
    ram('fast', 0x2000_0000),
    ram('slow', 0x3000_0000),
    uart('console', 0x5000_0000, 3),
    uart('modem', 0x5000_1000, 4),
    { kind: 'plic', name: 'plic', base: 0x6000_0000, size: 0x40_0000, doc: '' },
    { kind: 'finisher', name: 'finisher', base: 0x5000_2000, size: 0x1000, doc: '' },
  ],
}

describe.skipIf(!installed('dtc'))('device tree, read by dtc', () => {
  const dtc = (from: string, to: string, input: string | Uint8Array) => {
    const { stdout, stderr, status } = spawnSync('dtc', ['-I', from, '-O', to], { input })
    expect({ stderr: String(stderr), status }).toEqual({ stderr: '', status: 0 })
    return stdout
  }

  it.each([defaultSoc, other])('source and blob of $name are the same tree, without a warning', (soc) => {
    const tree = deviceTree(soc)
    const compiled = dtc('dts', 'dtb', printDts(tree))
    expect(String(dtc('dtb', 'dts', encodeDtb(tree)))).toBe(String(dtc('dtb', 'dts', compiled)))
  })

  it('has what drivers of the virt machine look for', () => {
    const text = String(dtc('dtb', 'dts', encodeDtb(deviceTree(defaultSoc))))
    const virt = [
      'timebase-frequency = <0x989680>;',
      'riscv,isa = "rv32im_zicsr_zifencei";',
      'compatible = "sifive,plic-1.0.0\\0riscv,plic0";',
      'compatible = "sifive,clint0\\0riscv,clint0";',
      'compatible = "ns16550a";',
      'compatible = "sifive,test1\\0sifive,test0\\0syscon";',
      'stdout-path = "/soc/serial@10000000";',
      'reg = <0x00 0x80000000 0x00 0x1000000>;',
      'interrupts = <0x0a>;',
      'compatible = "syscon-poweroff";',
      'compatible = "presilicon,cnn";',
    ]
    for (const line of virt) expect(text).toContain(line)
  })
})

describe.skipIf(!installed('gdb-multiarch'))('CMSIS-SVD, read by the XML reader of GDB', () => {
  const script = `
import json, xml.etree.ElementTree as xml
device = xml.parse('SVD').getroot()
def number(node, name): return int(node.findtext(name, '0'), 0)
def fields(register): return [[f.findtext('name'), number(f, 'bitOffset'), number(f, 'bitWidth')] for f in register.iter('field')]
def register(r): return [r.findtext('name'), number(r, 'addressOffset'), number(r, 'size'), r.findtext('access'), number(r, 'resetValue'), fields(r)]
def peripheral(p): return [p.findtext('name'), number(p, 'baseAddress'), p.findtext('description'), [number(i, 'value') for i in p.iter('interrupt')], [register(r) for r in p.iter('register')]]
print(json.dumps([peripheral(p) for p in device.iter('peripheral')]))
`
  type Register = [string, number, number, string, number, [string, number, number][]]
  type Peripheral = [string, number, string, number[], Register[]]
  const read = (svd: string): Peripheral[] => {
    const file = join(folder, 'soc.svd')
    writeFileSync(file, svd)
    writeFileSync(join(folder, 'read.py'), script.replace('SVD', file))
    return JSON.parse(
      execFileSync('gdb-multiarch', ['-nx', '-batch', '-x', join(folder, 'read.py')], { encoding: 'utf8' }),
    )
  }

  it('has every device with its address, interrupt, registers and fields', () => {
    const peripherals = read(socSvd(defaultSoc, views))
    for (const block of defaultSoc.blocks.filter(({ kind }) => kind !== 'ram' && kind !== 'rom')) {
      const found = peripherals.find(([name]) => name === block.name.toUpperCase())!
      expect(found.slice(1, 4)).toEqual([block.base, block.doc, 'irq' in block ? [block.irq] : []])
    }
    const [, , , , registers] = peripherals.find(([name]) => name === 'UART0')!
    expect(registers.find(([name]) => name === 'LSR')).toEqual(['LSR', 5, 8, 'read-only', 0x60, expect.anything()])
    const [, , , , own] = peripherals.find(([name]) => name === 'ACCELERATOR')!
    expect(own).toHaveLength(cnn.registers.length)
    const status = cnn.registers.find(({ name }) => name === 'STATUS')!
    const places = Object.entries(status.fields!).map(([name, { bit, bits }]) => [name.toUpperCase(), bit, bits])
    expect(own.find(([name]) => name === 'STATUS')).toEqual(['STATUS', status.offset, 32, 'read-only', 1, places])
  })

  it('escapes what XML reserves', () => {
    expect(read(socSvd(other)).map(([name, , doc]) => [name, doc])).toContainEqual(['CONSOLE', '<serial> & "port"'])
  })
})

describe('C header and linker script, read by compiler and linker', () => {
  it('lead firmware of another SoC to its own addresses', async () => {
    const source = `#include "soc.h"
void _start(void) {
  *(volatile unsigned char *)(SOC_CONSOLE_BASE + UART16550_THR) = SOC_MODEM_IRQ + '0';
  *(volatile unsigned *)(SOC_FINISHER_BASE + FINISHER_FINISH) = 0x5555;
}`
    const elf = await buildFirmware(
      {
        sources: [],
        includeDirs: [],
        generated: new Map([
          ['soc.h', socHeader(other)],
          ['main.c', source.replace('void _start', '__attribute__((section(".text.start"))) void _start')],
        ]),
        linkerScript: linkerScript(other),
        isa: other.hart.isa,
      },
      findToolchain(),
    )
    const machine = new Machine(other)
    machine.load(await loadElf(elf, 'other.elf'))
    expect(machine.run({ maxInstructions: 100 })).toMatchObject({ reason: 'exit', console: '4' })
  })

  it('the accelerator header says the same as the SVD', () => {
    const { header, registers } = views.accelerator
    for (const { name, offset } of registers) {
      expect(header).toMatch(new RegExp(`#define ACCELERATOR_${name} 0x0*${offset.toString(16)}u `))
    }
  })
})

it('the memory map is in the order of addresses, with the window of the accelerator', () => {
  const map = memoryMap(defaultSoc)
  expect(map.map(({ base }) => base)).toEqual(map.map(({ base }) => base).sort((a, b) => a - b))
  expect(memoryMapText(defaultSoc)).toContain('0x41000000 - 0x41ffffff  16 MiB          accelerator window')
})

it('register rows fit their device: no two share a place unless they say when', () => {
  for (const rows of Object.values(deviceRegisters)) {
    const places = rows.filter((row) => !('when' in row)).map(({ offset }) => offset)
    expect(new Set(places).size).toBe(places.length)
    for (const row of rows) {
      const masks = Object.values('fields' in row ? row.fields : {}).map(({ bit, bits }) => (2 ** bits - 1) * 2 ** bit)
      expect(masks.reduce((sum, mask) => sum + mask, 0)).toBeLessThan(2 ** (row.size * 8))
    }
  }
})

it('the generated views are what the command prints', () => {
  const main = new URL('../../../sim/cli/main.ts', import.meta.url).pathname
  const sim = (...args: string[]) =>
    spawnSync(process.execPath, ['--import', import.meta.resolve('tsx'), main, 'soc', ...args], { encoding: 'utf8' })
  const file = join(folder, 'soc.dtb')
  expect(sim('--format', 'dtb', '--output', file).status).toBe(0)
  expect(sim('--format', 'map', '-o', '-').stdout).toBe(sim('--format', 'map').stdout)
  expect(new Uint8Array(readFileSync(file))).toEqual(encodeDtb(deviceTree(defaultSoc)))
  expect(JSON.parse(sim('--json', '--format', 'svd').stdout)).toMatchObject({
    soc: { name: 'default' },
    map: expect.arrayContaining([expect.objectContaining({ name: 'uart0', base: 0x1000_0000, irq: 10 })]),
    content: socSvd(defaultSoc, views),
  })
  expect(sim('--format', 'pdf')).toMatchObject({ status: 125, stdout: '' })
  expect(sim('--output', '/nosuch/x').stderr).toBe(
    'sim: /nosuch/x: it cannot be written (ENOENT); choose another file\n',
  )
})
