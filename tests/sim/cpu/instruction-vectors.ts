/**
 * Directed vectors, worked out by hand from the specification: at least one for every row of the instruction
 * table. `[a, b, result]` are rs1, the second operand (rs2 or the immediate) and rd.
 */
type Vector = readonly [a: number, b: number, result: number]

const MIN = -0x8000_0000
const MAX = 0x7fff_ffff

export const arithmeticVectors: Readonly<Record<string, readonly Vector[]>> = {
  addi: [
    [1, 2047, 2048],
    [MAX, 1, MIN],
    [0, -2048, -2048],
  ],
  slti: [
    [-1, 0, 1],
    [0, 0, 0],
    [MIN, -2048, 1],
    [MAX, -1, 0],
  ],
  sltiu: [
    [0, 1, 1],
    [1, 1, 0],
    [5, -1, 1],
    [-1, -1, 0],
    [MIN, 2047, 0],
  ],
  xori: [
    [0x0f0f, -1, ~0x0f0f],
    [5, 3, 6],
  ],
  ori: [
    [0x0f00, 0xff, 0x0fff],
    [0, -1, -1],
  ],
  andi: [
    [0x1234, 0xff, 0x34],
    [-1, -2048, -2048],
  ],
  slli: [
    [1, 31, MIN],
    [3, 1, 6],
    [-1, 0, -1],
  ],
  srli: [
    [MIN, 31, 1],
    [-1, 4, 0x0fff_ffff],
    [-1, 0, -1],
  ],
  srai: [
    [MIN, 31, -1],
    [-16, 2, -4],
    [MAX, 30, 1],
  ],
  add: [
    [MAX, 1, MIN],
    [-1, 1, 0],
  ],
  sub: [
    [MIN, 1, MAX],
    [0, MIN, MIN],
  ],
  sll: [
    [1, 33, 2],
    [1, -1, MIN],
  ],
  slt: [
    [MIN, MAX, 1],
    [0, 0, 0],
    [1, -1, 0],
  ],
  sltu: [
    [MIN, MAX, 0],
    [0, -1, 1],
    [7, 7, 0],
  ],
  xor: [[-1, 0x55, ~0x55]],
  srl: [
    [MIN, 32, MIN],
    [-1, 31, 1],
  ],
  sra: [
    [MIN, 63, -1],
    [MAX, 31, 0],
  ],
  or: [[0x0f, 0xf0, 0xff]],
  and: [[0x0f, 0x1f, 0x0f]],
  mul: [
    [0x1234_5678, 0x1000_0001, (0x8000_0000 + 0x1234_5678) | 0],
    [-1, -1, 1],
    [MIN, MIN, 0],
  ],
  mulh: [
    [MIN, MIN, 0x4000_0000],
    [-1, -1, 0],
    [-1, 1, -1],
    [MAX, MAX, 0x3fff_ffff],
    [MIN, MAX, -0x4000_0000],
  ],
  mulhsu: [
    [-1, -1, -1],
    [MIN, -1, MIN],
    [MAX, -1, 0x7fff_fffe],
    [1, MIN, 0],
  ],
  mulhu: [
    [-1, -1, -2],
    [MIN, 2, 1],
    [0xffff, 0x10000, 0],
  ],
  div: [
    [7, -2, -3],
    [-7, 2, -3],
    [5, 0, -1],
    [MIN, -1, MIN],
    [MIN, 1, MIN],
  ],
  divu: [
    [7, 2, 3],
    [-1, 2, MAX],
    [5, 0, -1],
    [MIN, -1, 0],
    [-1, 1, -1],
  ],
  rem: [
    [7, -2, 1],
    [-7, 2, -1],
    [5, 0, 5],
    [MIN, -1, 0],
    [-4, 2, 0],
  ],
  remu: [
    [7, 4, 3],
    [-1, 16, 15],
    [5, 0, 5],
    [MIN, -1, MIN],
  ],
  sh1add: [
    [3, 10, 16],
    [MIN, 1, 1],
  ],
  sh2add: [
    [3, 10, 22],
    [-1, 0, -4],
  ],
  sh3add: [
    [3, 10, 34],
    [-1, 8, 0],
  ],
  andn: [
    [0xff, 0x0f, 0xf0],
    [-1, 0, -1],
  ],
  orn: [
    [0x0f, -1, 0x0f],
    [0, 0xff, ~0xff],
  ],
  xnor: [
    [5, 5, -1],
    [0xf0, 0x0f, ~0xff],
  ],
  clz: [
    [0, 0, 32],
    [1, 0, 31],
    [-1, 0, 0],
    [0x0001_0000, 0, 15],
  ],
  ctz: [
    [0, 0, 32],
    [1, 0, 0],
    [MIN, 0, 31],
    [0x0001_8000, 0, 15],
  ],
  cpop: [
    [0, 0, 0],
    [-1, 0, 32],
    [0x1234_5678, 0, 13],
    [MIN, 0, 1],
  ],
  'sext.b': [
    [0x80, 0, -0x80],
    [0xff7f, 0, 0x7f],
  ],
  'sext.h': [
    [0x8000, 0, -0x8000],
    [0x1_7fff, 0, 0x7fff],
  ],
  'zext.h': [
    [-1, 0, 0xffff],
    [0x1234_0001, 0, 1],
  ],
  min: [
    [MIN, MAX, MIN],
    [3, -1, -1],
  ],
  minu: [
    [MIN, MAX, MAX],
    [3, -1, 3],
  ],
  max: [
    [MIN, MAX, MAX],
    [3, -1, 3],
  ],
  maxu: [
    [MIN, MAX, MIN],
    [3, -1, -1],
  ],
  rol: [
    [0x1234_5678, 8, 0x3456_7812],
    [MIN, 1, 1],
    [5, 32, 5],
    [5, 0, 5],
  ],
  ror: [
    [0x1234_5678, 8, 0x7812_3456],
    [1, 1, MIN],
    [5, 33, MIN + 2],
    [-2, 0, -2],
  ],
  rori: [
    [0x1234_5678, 4, 0x8123_4567 | 0],
    [3, 31, 6],
    [-2, 0, -2],
  ],
  'orc.b': [
    [0x0100_8000, 0, 0xff00_ff00 | 0],
    [0, 0, 0],
    [0x0010_0001, 0, 0x00ff_00ff],
  ],
  rev8: [
    [0x1234_5678, 0, 0x7856_3412],
    [0x0102_03f4, 0, 0xf403_0201 | 0],
  ],
  bclr: [
    [-1, 31, MAX],
    [0xff, 32, 0xfe],
  ],
  bclri: [
    [-1, 31, MAX],
    [0xff, 4, 0xef],
  ],
  bext: [
    [MIN, 31, 1],
    [4, 34, 1],
    [4, 1, 0],
  ],
  bexti: [
    [MIN, 31, 1],
    [4, 1, 0],
  ],
  binv: [
    [0, 31, MIN],
    [1, 32, 0],
  ],
  binvi: [
    [0, 31, MIN],
    [1, 0, 0],
  ],
  bset: [
    [0, 31, MIN],
    [1, 33, 3],
  ],
  bseti: [
    [0, 31, MIN],
    [1, 4, 17],
  ],
}

/** `[a, b, taken]` */
export const branchVectors: Readonly<Record<string, readonly (readonly [number, number, boolean])[]>> = {
  beq: [
    [1, 1, true],
    [1, 2, false],
  ],
  bne: [
    [1, 1, false],
    [1, 2, true],
  ],
  blt: [
    [-1, 0, true],
    [0, 0, false],
    [MAX, MIN, false],
  ],
  bge: [
    [0, 0, true],
    [-1, 0, false],
    [MAX, MIN, true],
  ],
  bltu: [
    [0, -1, true],
    [-1, 0, false],
    [3, 3, false],
  ],
  bgeu: [
    [-1, 0, true],
    [3, 3, true],
    [0, MIN, false],
  ],
}

/** Memory word `0x8badf00d`: `[offset, result]` */
export const LOADED_WORD = 0x8bad_f00d | 0
export const loadVectors: Readonly<Record<string, readonly (readonly [offset: number, result: number])[]>> = {
  lb: [
    [0, 0x0d],
    [1, -0x10],
    [2, -0x53],
    [3, -0x75],
  ],
  lbu: [
    [0, 0x0d],
    [1, 0xf0],
    [3, 0x8b],
  ],
  lh: [
    [0, -0x0ff3],
    [2, -0x7453],
  ],
  lhu: [
    [0, 0xf00d],
    [2, 0x8bad],
  ],
  lw: [[0, LOADED_WORD]],
}

/** `[offset, word in memory afterwards]`, storing 0x11223344 over zero. */
export const storeVectors: Readonly<Record<string, readonly (readonly [offset: number, word: number])[]>> = {
  sb: [
    [0, 0x44],
    [3, 0x44 << 24],
  ],
  sh: [
    [0, 0x3344],
    [2, 0x3344_0000],
  ],
  sw: [[0, 0x1122_3344]],
}

/** `[word in memory, rs2, word afterwards]` of an amo; rd becomes the word before. */
export const amoVectors: Readonly<Record<string, readonly Vector[]>> = {
  'amoswap.w': [[5, -7, -7]],
  'amoadd.w': [
    [MAX, 1, MIN],
    [-1, 1, 0],
  ],
  'amoxor.w': [[0b1100, 0b1010, 0b0110]],
  'amoand.w': [[0b1100, 0b1010, 0b1000]],
  'amoor.w': [[0b1100, 0b1010, 0b1110]],
  'amomin.w': [
    [MIN, MAX, MIN],
    [3, -1, -1],
  ],
  'amomax.w': [
    [MIN, MAX, MAX],
    [3, -1, 3],
  ],
  'amominu.w': [
    [MIN, MAX, MAX],
    [3, -1, 3],
  ],
  'amomaxu.w': [
    [MIN, MAX, MIN],
    [3, -1, -1],
  ],
}

/** Rows that other tests of this folder hold: each name with the file that does. */
export const testedElsewhere: Readonly<Record<string, string>> = {
  lui: 'instructions.test.ts',
  auipc: 'instructions.test.ts',
  jal: 'instructions.test.ts',
  jalr: 'instructions.test.ts',
  fence: 'instructions.test.ts',
  'fence.i': 'self-modifying-code.test.ts',
  ecall: 'traps.test.ts',
  ebreak: 'traps.test.ts',
  mret: 'traps.test.ts',
  wfi: 'interrupts.test.ts',
  csrrw: 'csr.test.ts',
  csrrs: 'csr.test.ts',
  csrrc: 'csr.test.ts',
  csrrwi: 'csr.test.ts',
  csrrsi: 'csr.test.ts',
  csrrci: 'csr.test.ts',
  'lr.w': 'atomic.test.ts',
  'sc.w': 'atomic.test.ts',
}
