/** Instruction codes of WebAssembly's 128-bit SIMD (core specification 2.0, section 5.4.9), behind the prefix 0xfd. */
export const V128 = 0x7b
export const SIMD_PREFIX = 0xfd

/** Take vectors (and the count of a shift) from the stack and leave a vector. */
export const vectorOps = {
  'i8x16.splat': 0x0f,
  'i16x8.splat': 0x10,
  'i32x4.splat': 0x11,
  'i32x4.eq': 0x37,
  'v128.xor': 0x51,
  'i8x16.narrow_i16x8_s': 0x65,
  'i8x16.min_s': 0x76,
  'i8x16.max_s': 0x78,
  'i16x8.narrow_i32x4_s': 0x85,
  'i16x8.extend_low_i8x16_s': 0x87,
  'i16x8.extend_high_i8x16_s': 0x88,
  'i16x8.sub': 0x91,
  'i32x4.abs': 0xa0,
  'i32x4.extend_low_i16x8_s': 0xa7,
  'i32x4.extend_high_i16x8_s': 0xa8,
  'i32x4.shl': 0xab,
  'i32x4.shr_s': 0xac,
  'i32x4.add': 0xae,
  'i32x4.sub': 0xb1,
  'i32x4.mul': 0xb5,
  'i32x4.min_s': 0xb6,
  'i32x4.max_s': 0xb8,
  'i32x4.dot_i16x8_s': 0xba,
  'i64x2.shr_u': 0xcd,
  'i64x2.add': 0xce,
  'i64x2.extmul_low_i32x4_s': 0xdc,
  'i64x2.extmul_high_i32x4_s': 0xdd,
  'i64x2.extmul_low_i32x4_u': 0xde,
  'i64x2.extmul_high_i32x4_u': 0xdf,
  'f64x2.add': 0xf0,
  'f64x2.div': 0xf3,
  'i32x4.trunc_sat_f64x2_s_zero': 0xfc,
  'f64x2.convert_low_i32x4_s': 0xfe,
} as const

/** Loads that fill a vector, with the log2 of the bytes that they touch. */
export const vectorLoads = {
  'v128.load': { code: 0x00, alignment: 4 },
  'v128.load8x8_s': { code: 0x01, alignment: 3 },
  'v128.load32_splat': { code: 0x09, alignment: 2 },
  'v128.load32_zero': { code: 0x5c, alignment: 2 },
} as const

export const V128_STORE = 0x0b
export const V128_CONST = 0x0c
export const I8X16_SHUFFLE = 0x0d
export const V128_STORE32_LANE = 0x5a
export const I32X4_EXTRACT_LANE = 0x1b

export type VectorOp = keyof typeof vectorOps
export type VectorLoad = keyof typeof vectorLoads
