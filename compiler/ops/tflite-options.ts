import { ActivationFunctionType, Padding } from '../import/tflite/schema.generated.ts'
import type { Tensor } from '../ir/graph.ts'
import type { Activation, Padding2d } from '../ir/operators.ts'
import { ensure } from './operator.ts'
import { checkSteps, imageOf, reach, type Window } from './window.ts'

const activations: Readonly<Record<number, Activation>> = {
  [ActivationFunctionType.NONE]: 'none',
  [ActivationFunctionType.RELU]: 'relu',
  [ActivationFunctionType.RELU_N1_TO_1]: 'reluN1To1',
  [ActivationFunctionType.RELU6]: 'relu6',
}

/** The fused activation of a TFLite file. @throws OperatorMismatch for TANH, SIGN_BIT and unknown ones */
export function activationOf(value: number): Activation {
  const activation = activations[value]
  const name = Object.entries(ActivationFunctionType).find((entry) => entry[1] === value)?.[0] ?? String(value)
  ensure(activation !== undefined, `its fused activation ${name} is not supported`)
  return activation
}

/** Rows before and after that TFLite's rule pads: SAME splits the lack, the odd one after; VALID pads nothing. */
function paddingOf(same: boolean, length: number, covered: number, stride: number): [number, number] {
  const steps = Math.ceil(length / stride)
  const lack = same ? Math.max(0, (steps - 1) * stride + covered - length) : 0
  return [Math.floor(lack / 2), Math.ceil(lack / 2)]
}

/** TFLite's padding rule as explicit rows and columns. */
export function explicitPadding(rule: number, input: Tensor, window: Omit<Window, 'padding'>): Padding2d {
  ensure(rule === Padding.SAME || rule === Padding.VALID, `its padding rule ${rule} is unknown`)
  const { size, stride, dilation } = window
  checkSteps(stride, 'stride')
  checkSteps(dilation, 'dilation')
  const image = imageOf(input)
  const same = rule === Padding.SAME
  const [top, bottom] = paddingOf(same, image.height, reach(size.height, dilation.height), stride.height)
  const [left, right] = paddingOf(same, image.width, reach(size.width, dilation.width), stride.width)
  return { top, bottom, left, right }
}
