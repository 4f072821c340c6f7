import { kernel } from '../../../sim/accel/simd/compile.ts'
import { type Kernel, loadVector, type Variable, type Vector, vector } from '../../../sim/accel/simd/kernel.ts'

/** A kernel over `rows` rows of `vectors` vectors of int32; `combine` makes what is stored at `to`. */
const rows = (combine: (source: Vector, target: Variable<'i32'>) => Vector) =>
  kernel(['from', 'fromStride', 'to', 'toStride', 'rows', 'vectors'], (k: Kernel, p) => {
    const [source, target, left] = [k.scalar(), k.scalar(), k.scalar()]
    k.repeat(p.rows, () => {
      k.set(source, p.from)
      k.set(target, p.to)
      k.set(left, p.vectors)
      k.repeat(left, () => {
        k.storeVector(target, combine(loadVector('v128.load', source), target))
        k.increase(source, 16)
        k.increase(target, 16)
      })
      k.increase(p.from, p.fromStride)
      k.increase(p.to, p.toStride)
    })
  })

export const copyRows = rows((source) => source)
export const addRows = rows((source, target) => vector('i32x4.add', source, loadVector('v128.load', target)))
