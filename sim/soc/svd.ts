/** The SoC as CMSIS-SVD 1.3.9: every device with its registers and fields, for debuggers and code generators. */
import type { RegisterRow } from '../devices/registers.ts'
import { hex } from '../hex.ts'
import type { SocBlock, SocDescription } from './description.ts'
import { type AcceleratorViews, deviceRegisters } from './registers.ts'

/** An element: its name and its text or children, in the order that the schema asks for. */
type Element = readonly [name: string, content: string | number | readonly Element[]]

const ACCESS = { ro: 'read-only', wo: 'write-only', rw: 'read-write', w1c: 'read-write' } as const

/** @param accelerators views of the SoC's accelerators by block name; one that is missing is left out */
export function socSvd(soc: SocDescription, accelerators: AcceleratorViews = {}): string {
  const peripherals = soc.blocks.flatMap((block) => {
    const registers = registersOf(block, accelerators)
    return registers === undefined ? [] : [peripheral(block, registers)]
  })
  const device: readonly Element[] = [
    ['vendor', 'Presilicon'],
    ['name', soc.name.replace(/\W/g, '_')],
    ['version', '1.0'],
    ['description', `SoC '${soc.name}', ${soc.hart.isa}, ${soc.clockHz} Hz`],
    ['cpu', cpu],
    ['addressUnitBits', 8],
    ['width', 32],
    ['size', 32],
    ['resetValue', 0],
    ['resetMask', hex(0xffff_ffff)],
    ['peripherals', peripherals],
  ]
  const attributes = 'schemaVersion="1.3" xmlns:xs="http://www.w3.org/2001/XMLSchema-instance"'
  const body = device.map((child) => elementText(child, '  ')).join('')
  return `<?xml version="1.0" encoding="utf-8"?>\n<device ${attributes}>\n${body}</device>\n`
}

/** SVD has no name for RISC-V cores. */
const cpu: readonly Element[] = [
  ['name', 'other'],
  ['revision', 'r0p0'],
  ['endian', 'little'],
  ['mpuPresent', 'false'],
  ['fpuPresent', 'false'],
  ['nvicPrioBits', 3],
  ['vendorSystickConfig', 'true'],
]

function registersOf(block: SocBlock, accelerators: AcceleratorViews): readonly RegisterRow[] | undefined {
  if (block.kind === 'accelerator') return accelerators[block.name]?.registers
  return block.kind === 'ram' || block.kind === 'rom' ? undefined : deviceRegisters[block.kind]
}

function peripheral(block: SocBlock, registers: readonly RegisterRow[]): Element {
  const interrupt: readonly Element[] =
    'irq' in block
      ? [
          ['name', block.name.toUpperCase()],
          ['description', block.doc],
          ['value', block.irq],
        ]
      : []
  return [
    'peripheral',
    [
      ['name', block.name.toUpperCase()],
      ['description', block.doc],
      ['groupName', block.kind.toUpperCase()],
      ['baseAddress', hex(block.base)],
      [
        'addressBlock',
        [
          ['offset', 0],
          ['size', hex(block.size)],
          ['usage', 'registers'],
        ],
      ],
      ...(interrupt.length === 0 ? [] : [['interrupt', interrupt] as const]),
      ['registers', registers.map(register)],
    ],
  ]
}

function register(row: RegisterRow): Element {
  const { array, name, doc, offset, size, access, reset = 0, fields, when } = row
  const repeated: readonly Element[] =
    array === undefined
      ? []
      : [
          ['dim', array.count],
          ['dimIncrement', array.stride],
        ]
  return [
    'register',
    [
      ...repeated,
      ['name', `${name.toUpperCase()}${array === undefined ? '' : '[%s]'}`],
      ['description', doc],
      ...(when === undefined ? [] : [['alternateGroup', when.toUpperCase()] as const]),
      ['addressOffset', `0x${offset.toString(16)}`],
      ['size', size * 8],
      ['access', ACCESS[access]],
      ['resetValue', hex(reset)],
      ...(access === 'w1c' ? [['modifiedWriteValues', 'oneToClear'] as const] : []),
      ...(fields === undefined ? [] : [['fields', Object.entries(fields).map(field)] as const]),
    ],
  ]
}

function field([name, { bit, bits, doc }]: [string, { bit: number; bits: number; doc: string }]): Element {
  return [
    'field',
    [
      ['name', name.toUpperCase()],
      ['description', doc],
      ['bitOffset', bit],
      ['bitWidth', bits],
    ],
  ]
}

function elementText([name, content]: Element, indent: string): string {
  if (typeof content !== 'object') return `${indent}<${name}>${escaped(String(content))}</${name}>\n`
  const children = content.map((child) => elementText(child, `${indent}  `)).join('')
  return `${indent}<${name}>\n${children}${indent}</${name}>\n`
}

const escaped = (text: string) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;')
