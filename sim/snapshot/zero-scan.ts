/** Instruction codes and types of WebAssembly (core specification, section 5.4) that the scan takes. */
const [I32, EMPTY, BLOCK, LOOP, BR, BR_IF, END] = [0x7f, 0x40, 0x02, 0x03, 0x0c, 0x0d, 0x0b] as const
const [GET, SET, CONST, ADD, GE_U] = [0x20, 0x21, 0x41, 0x6a, 0x4f] as const
const [I64_LOAD, I64_OR, I64_EQZ, I32_EQZ] = [0x29, 0x84, 0x50, 0x45] as const

/** Bytes that are looked at in one go: less than 64, for one byte to say so. */
const STEP = 32

const ascii = (text: string) => [text.length, ...Array.from(text, (letter) => letter.charCodeAt(0))]
const section = (id: number, content: readonly number[]) => [id, content.length, ...content]

/** Eight bytes at parameter 0 and an offset. */
const load = (offset: number) => [GET, 0, I64_LOAD, 3, offset]

/** (from, end): the first step from there that is not all zero, or `end`. */
const scan = [
  ...[BLOCK, EMPTY, LOOP, EMPTY],
  ...[GET, 0, GET, 1, GE_U, BR_IF, 1],
  ...load(0),
  ...Array.from({ length: STEP / 8 - 1 }, (_, i) => [...load((i + 1) * 8), I64_OR]).flat(),
  ...[I64_EQZ, I32_EQZ, BR_IF, 1],
  ...[GET, 0, CONST, STEP, ADD, SET, 0, BR, 0],
  ...[END, END, GET, 0, END],
]

const module = Uint8Array.from([
  ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
  ...section(1, [1, 0x60, 2, I32, I32, 1, I32]),
  ...section(2, [1, ...ascii('env'), ...ascii('memory'), 2, 0, 0]),
  ...section(3, [1, 0]),
  ...section(7, [1, ...ascii('scan'), 0, 0]),
  ...section(10, [1, scan.length + 1, 0, ...scan]),
])

/**
 * Looks for bytes that are not zero, several times as fast as JavaScript does.
 *
 * @returns whether all bytes from `from` up to `end`, multiples of 32, are zero
 */
export function zeroScan(memory: WebAssembly.Memory): (from: number, end: number) => boolean {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(module), { env: { memory } })
  const first = exports.scan as (from: number, end: number) => number
  return (from, end) => first(from, end) === end
}
