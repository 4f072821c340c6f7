import type { Size2d } from '../../../compiler/ir/operators.ts'

/** Largest values of the command fields. */
const LARGEST_U8 = 0xff
const LARGEST_U16 = 0xffff

interface Windowed {
  readonly input: { readonly height: number; readonly width: number; readonly channels: number }
  readonly output: { readonly height: number; readonly width: number; readonly channels: number }
  readonly kernel: Size2d
  readonly stride: Size2d
  readonly dilation: Size2d
}

/** Why a sliding window does not fit the fields of a command; undefined when it does. */
export function kernelProblem({ input, output, kernel, stride, dilation }: Windowed): string | undefined {
  for (const [name, size] of Object.entries({ kernel, stride, dilation }))
    if (Math.max(size.height, size.width) > LARGEST_U8)
      return `its ${name} of ${size.height}x${size.width} is larger than ${LARGEST_U8}`
  if (Math.max(input.channels, output.channels) > LARGEST_U16) return `it has more than ${LARGEST_U16} channels`
  return undefined
}
