/** `presilicon/testing`: calls functions of firmware from vitest, on the simulated SoC. */
import './matchers.ts'

export type { Argument, Member, ReadOnly } from './arguments.ts'
export { at, float32, float64, pointer, readOnly, struct, symbol } from './arguments.ts'
export type { StrayWrite } from './buffers.ts'
export { compileFirmware, type SourceOptions } from './compile-firmware.ts'
export { type Firmware, loadFirmware, type PlatformOptions } from './firmware.ts'
export { CallError, type CallResult, type Session } from './session.ts'
export { type ElementType, type Tensor, tensor } from './tensor.ts'
