/** A matrix inside a typed array: element (i, j) is `data[i * row + j * column]`, so a transpose only swaps strides. */
export interface Matrix {
  readonly data: Float32Array
  readonly row: number
  readonly column: number
}

/** The row-major matrix over `data` with the given number of columns. */
export function matrix(data: Float32Array, columns: number): Matrix {
  return { data, row: columns, column: 1 }
}

/** The transpose of a matrix, without copying. */
export function transposed(m: Matrix): Matrix {
  return { data: m.data, row: m.column, column: m.row }
}

/**
 * Computes `c += a * b` with a: m x k, b: k x n, c: m x n.
 *
 * Each dot product is summed in double precision in the order of k, whatever the blocking, and rounded to float32 once:
 * results do not depend on the host. The 4 x 4 block keeps 16 sums in registers for 8 loads.
 */
export function multiplyAdd(m: number, n: number, k: number, a: Matrix, b: Matrix, c: Matrix): void {
  const mBlocked = m & ~3
  const nBlocked = n & ~3
  for (let i = 0; i < mBlocked; i += 4) {
    for (let j = 0; j < nBlocked; j += 4) block4x4(i, j, k, a, b, c)
  }
  edge(0, mBlocked, nBlocked, n, k, a, b, c)
  edge(mBlocked, m, 0, n, k, a, b, c)
}

function edge(
  fromRow: number,
  toRow: number,
  fromColumn: number,
  toColumn: number,
  k: number,
  a: Matrix,
  b: Matrix,
  c: Matrix,
): void {
  for (let i = fromRow; i < toRow; i++) {
    for (let j = fromColumn; j < toColumn; j++) {
      let sum = 0
      for (let t = 0; t < k; t++) sum += a.data[i * a.row + t * a.column]! * b.data[t * b.row + j * b.column]!
      c.data[i * c.row + j * c.column]! += sum
    }
  }
}

function block4x4(i: number, j: number, k: number, a: Matrix, b: Matrix, c: Matrix): void {
  const { data: x, row: xRow, column: xColumn } = a
  const { data: y, row: yRow, column: yColumn } = b
  let s00 = 0,
    s01 = 0,
    s02 = 0,
    s03 = 0
  let s10 = 0,
    s11 = 0,
    s12 = 0,
    s13 = 0
  let s20 = 0,
    s21 = 0,
    s22 = 0,
    s23 = 0
  let s30 = 0,
    s31 = 0,
    s32 = 0,
    s33 = 0
  let p = i * xRow
  let q = j * yColumn
  for (let t = 0; t < k; t++) {
    const x0 = x[p]!
    const x1 = x[p + xRow]!
    const x2 = x[p + 2 * xRow]!
    const x3 = x[p + 3 * xRow]!
    const y0 = y[q]!
    const y1 = y[q + yColumn]!
    const y2 = y[q + 2 * yColumn]!
    const y3 = y[q + 3 * yColumn]!
    s00 += x0 * y0
    s01 += x0 * y1
    s02 += x0 * y2
    s03 += x0 * y3
    s10 += x1 * y0
    s11 += x1 * y1
    s12 += x1 * y2
    s13 += x1 * y3
    s20 += x2 * y0
    s21 += x2 * y1
    s22 += x2 * y2
    s23 += x2 * y3
    s30 += x3 * y0
    s31 += x3 * y1
    s32 += x3 * y2
    s33 += x3 * y3
    p += xColumn
    q += yRow
  }
  addRow(c, i, j, s00, s01, s02, s03)
  addRow(c, i + 1, j, s10, s11, s12, s13)
  addRow(c, i + 2, j, s20, s21, s22, s23)
  addRow(c, i + 3, j, s30, s31, s32, s33)
}

function addRow(c: Matrix, i: number, j: number, s0: number, s1: number, s2: number, s3: number): void {
  const at = i * c.row + j * c.column
  c.data[at]! += s0
  c.data[at + c.column]! += s1
  c.data[at + 2 * c.column]! += s2
  c.data[at + 3 * c.column]! += s3
}
