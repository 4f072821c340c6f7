/** `presilicon/compiler`: from a model's bytes to its firmware. */
export { findAccelerator } from '../accelerators/index.ts'
export { buildModel } from './build-model.ts'
export { type CompiledModel, type CompileOptions, compileModel } from './compile.ts'
export { findToolchain } from './toolchain/find-toolchain.ts'
