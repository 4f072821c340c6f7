/**
 * The device tree of a SoC (Devicetree Specification 0.4), with the bindings of the `virt` machine, so that drivers
 * written for it find everything. `deviceTree` is the tree; `printDts` and `encodeDtb` are its two forms.
 */

import { interrupt } from '../cpu/trap.ts'
import { SOURCES } from '../devices/plic.ts'
import {
  type BlockKind,
  type BlockKinds,
  findBlock,
  type SocBlock,
  type SocDescription,
  UART_CLOCK_HZ,
} from './description.ts'

/** A node that others refer to; it says so in its property `phandle`. */
interface Handle {
  readonly label: string
  readonly phandle: number
}

/** A property: 32-bit cells, strings, or nothing but its presence. */
export type PropertyValue = readonly (number | Handle)[] | readonly string[] | true

export interface TreeNode {
  /** With its unit address, e.g. `serial@10000000`; empty for the root. */
  readonly name: string
  readonly properties: Readonly<Record<string, PropertyValue>>
  readonly children: readonly TreeNode[]
}

const CPU_INTERRUPTS: Handle = { label: 'cpu_interrupts', phandle: 1 }
const PLIC: Handle = { label: 'plic', phandle: 2 }
const FINISHER: Handle = { label: 'finisher', phandle: 3 }
/** A context of the PLIC that leads nowhere: the hart has no supervisor mode. */
const NOT_CONNECTED = 0xffff_ffff
const FINISHER_PASS = 0x5555
const FINISHER_RESET = 0x7777

const node = (
  name: string,
  properties: Readonly<Record<string, PropertyValue>>,
  children: readonly TreeNode[] = [],
): TreeNode => ({ name, properties, children })

/** Address and size as two cells each. */
const range = ({ base, size }: { readonly base: number; readonly size: number }) => [0, base, 0, size]
const unit = (name: string, { base }: SocBlock) => `${name}@${base.toString(16)}`

/** The tree of a valid description. */
export function deviceTree(soc: SocDescription): TreeNode {
  const devices = soc.blocks.filter((block) => block.kind !== 'ram')
  return node('', { '#address-cells': [2], '#size-cells': [2], compatible: ['presilicon'], model: [soc.name] }, [
    ...chosen(soc),
    cpus(soc),
    ...soc.blocks.filter((block) => block.kind === 'ram').map(deviceNode),
    node('soc', { '#address-cells': [2], '#size-cells': [2], compatible: ['simple-bus'], ranges: true }, [
      ...devices.map(deviceNode),
    ]),
    ...power(soc),
  ])
}

function chosen(soc: SocDescription): TreeNode[] {
  const uart = findBlock(soc, 'uart16550')
  return uart === undefined ? [] : [node('chosen', { 'stdout-path': [`/soc/${unit('serial', uart)}`] })]
}

function cpus({ hart, timebaseHz, clockHz }: SocDescription): TreeNode {
  const interrupts = node('interrupt-controller', {
    compatible: ['riscv,cpu-intc'],
    'interrupt-controller': true,
    '#interrupt-cells': [1],
    '#address-cells': [0],
    phandle: [CPU_INTERRUPTS],
  })
  const cpu = node(
    'cpu@0',
    {
      device_type: ['cpu'],
      reg: [0],
      status: ['okay'],
      compatible: ['riscv'],
      'riscv,isa': [hart.isa],
      'clock-frequency': [clockHz],
    },
    [interrupts],
  )
  return node('cpus', { '#address-cells': [1], '#size-cells': [0], 'timebase-frequency': [timebaseHz] }, [cpu])
}

/** How the finisher ends and restarts the system. */
function power(soc: SocDescription): TreeNode[] {
  if (findBlock(soc, 'finisher') === undefined) return []
  const action = (name: string, value: number) =>
    node(name, { compatible: [`syscon-${name}`], regmap: [FINISHER], offset: [0], value: [value] })
  return [action('poweroff', FINISHER_PASS), action('reboot', FINISHER_RESET)]
}

type NodeWriters = { readonly [K in BlockKind]: (block: BlockKinds[K], interrupts: Properties) => TreeNode }
type Properties = Readonly<Record<string, PropertyValue>>

const writers: NodeWriters = {
  ram: (block) => node(unit('memory', block), { device_type: ['memory'], reg: range(block) }),
  rom: (block) => node(unit('rom', block), { compatible: ['mtd-rom'], reg: range(block), 'bank-width': [4] }),
  finisher: (block) =>
    node(unit('test', block), {
      compatible: ['sifive,test1', 'sifive,test0', 'syscon'],
      reg: range(block),
      phandle: [FINISHER],
    }),
  clint: (block) =>
    node(unit('clint', block), {
      compatible: ['sifive,clint0', 'riscv,clint0'],
      reg: range(block),
      'interrupts-extended': [CPU_INTERRUPTS, interrupt.software, CPU_INTERRUPTS, interrupt.timer],
    }),
  plic: (block) =>
    node(unit('plic', block), {
      compatible: ['sifive,plic-1.0.0', 'riscv,plic0'],
      reg: range(block),
      'interrupt-controller': true,
      '#interrupt-cells': [1],
      '#address-cells': [0],
      'interrupts-extended': [CPU_INTERRUPTS, interrupt.external, CPU_INTERRUPTS, NOT_CONNECTED],
      'riscv,ndev': [SOURCES - 1],
      phandle: [PLIC],
    }),
  uart16550: (block, interrupts) =>
    node(unit('serial', block), {
      compatible: ['ns16550a'],
      reg: range(block),
      'clock-frequency': [block.clockHz ?? UART_CLOCK_HZ],
      ...interrupts,
    }),
  markers: (block) => node(unit('markers', block), { compatible: ['presilicon,markers'], reg: range(block) }),
  accelerator: (block, interrupts) =>
    node(unit('accelerator', block), {
      compatible: [`presilicon,${block.accelerator}`],
      reg: [...range(block), ...range(block.window)],
      'reg-names': ['registers', 'window'],
      ...interrupts,
    }),
}

function deviceNode(block: SocBlock): TreeNode {
  const interrupts = 'irq' in block ? { 'interrupt-parent': [PLIC], interrupts: [block.irq] } : {}
  return (writers[block.kind] as (block: SocBlock, interrupts: Properties) => TreeNode)(block, interrupts)
}

/** Device tree source. */
export function printDts(root: TreeNode): string {
  return `/dts-v1/;\n\n${nodeText({ ...root, name: '/' }, '')}`
}

function nodeText({ name, properties, children }: TreeNode, indent: string): string {
  const inner = `${indent}\t`
  const label = labelOf(properties.phandle)
  const lines = Object.entries(properties).map(
    ([property, value]) => `${inner}${property}${valueText(property, value)};\n`,
  )
  return `${indent}${label}${name} {\n${lines.join('')}${children.map((child) => `\n${nodeText(child, inner)}`).join('')}${indent}};\n`
}

function labelOf(value: PropertyValue | undefined): string {
  const handle = value === undefined || value === true ? undefined : value[0]
  return typeof handle === 'object' ? `${handle.label}: ` : ''
}

function valueText(property: string, value: PropertyValue): string {
  if (value === true) return ''
  const texts = value.map((item) => {
    if (typeof item === 'string') return JSON.stringify(item)
    if (typeof item === 'number') return `0x${item.toString(16)}`
    return property === 'phandle' ? `0x${item.phandle.toString(16)}` : `&${item.label}`
  })
  return typeof value[0] === 'string' ? ` = ${texts.join(', ')}` : ` = <${texts.join(' ')}>`
}
