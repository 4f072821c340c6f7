/** The effects of the commands in WebAssembly SIMD: the same bytes as the plain reference, many times faster. */
import type { FastEffect, FastEffects } from '../../../sim/accel/fast-effects.ts'
import { WorkMemory } from '../../../sim/accel/simd/work-memory.ts'
import type { ConvFields } from '../commands/conv.ts'
import type { DepthwiseFields } from '../commands/depthwise.ts'
import type { ElementwiseFields } from '../commands/elementwise.ts'
import { asConv, type FullyConnectedFields } from '../commands/fully-connected.ts'
import type { PoolFields } from '../commands/pool.ts'
import type { CnnParameters } from '../parameters.ts'
import { convolver } from './convolve.ts'
import { depthwiseConvolver } from './depthwise.ts'
import { elementwiseUnit } from './elementwise.ts'
import { compileCnnKernels } from './kernels.ts'
import { poolUnit } from './pool.ts'

/** Tables, sums and records of all but extreme shapes; those run as the reference does. */
const TABLE_BYTES = 256 * 1024

export const fastEffects: FastEffects<CnnParameters> = {
  commands: ['conv', 'depthwise', 'fullyConnected', 'elementwise', 'pool'],
  // Widened inputs and packed weights take twice their bytes; odd runs and half panels take more.
  workBytes: (p) => (2 * p.activationKiB + 4 * p.weightKiB) * 1024 + TABLE_BYTES,
  create(p, shared): Readonly<Record<string, FastEffect>> {
    const kernels = compileCnnKernels(shared.memory)
    const work = new WorkMemory(shared)
    const convolve = convolver(kernels, work, shared, p)
    const depthwise = depthwiseConvolver(kernels, work, shared, p)
    const elementwise = elementwiseUnit(kernels, work, shared)
    const pool = poolUnit(kernels, work, shared, p)
    return {
      conv: (fields) => convolve(fields as ConvFields),
      fullyConnected: (fields) => convolve(asConv(fields as FullyConnectedFields)),
      depthwise: (fields) => depthwise(fields as DepthwiseFields),
      elementwise: (fields) => elementwise(fields as ElementwiseFields),
      pool: (fields) => pool(fields as PoolFields),
    }
  },
}
