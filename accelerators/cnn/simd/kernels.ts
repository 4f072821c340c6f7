import { compileKernels } from '../../../sim/accel/simd/compile.ts'
import { packFour, packSixteen, widen } from './arrange.ts'
import { elementwise } from './elementwise.ts'
import { addRows, copyRows } from './move-rows.ts'
import { multiply, multiplyDepthwise } from './multiply.ts'
import { finish } from './output-stage.ts'
import { poolAverage, poolMax } from './pool.ts'

export const compileCnnKernels = (memory: WebAssembly.Memory) =>
  compileKernels(
    {
      widen,
      packFour,
      packSixteen,
      multiply4: multiply(4),
      multiply1: multiply(1),
      depthwise4: multiplyDepthwise(4),
      depthwise1: multiplyDepthwise(1),
      addRows,
      copyRows,
      finish,
      add: elementwise('add'),
      sub: elementwise('sub'),
      mul: elementwise('mul'),
      poolMax,
      poolAverage,
    },
    memory,
  )
export type Kernels = ReturnType<typeof compileCnnKernels>
