import { encodeModule } from '../../cpu/translator/wasm/module.ts'
import { Kernel, type Variable } from './kernel.ts'

/** What writes a kernel: the body from its i32 parameters, in order. */
export interface KernelSource {
  readonly parameters: number
  write(kernel: Kernel): void
}

/** A kernel whose body sees its parameters by their names. */
export function kernel<Name extends string>(
  names: readonly Name[],
  write: (kernel: Kernel, parameters: Readonly<Record<Name, Variable<'i32'>>>) => void,
): KernelSource {
  return {
    parameters: names.length,
    write(k) {
      const parameters = Object.fromEntries(names.map((name, index) => [name, k.parameter(index)]))
      write(k, parameters as Record<Name, Variable<'i32'>>)
    },
  }
}

/** Compiles kernels into one module over `memory`; every one becomes a function under its name. */
export function compileKernels<Names extends string>(
  sources: Readonly<Record<Names, KernelSource>>,
  memory: WebAssembly.Memory,
): Readonly<Record<Names, (...parameters: number[]) => void>> {
  const entries = Object.entries<KernelSource>(sources)
  const bytes = encodeModule({
    types: entries.map(([, { parameters }]) => ({ parameters, results: 0 })),
    functions: entries.map(([name, { parameters, write }], type) => {
      const body = new Kernel(parameters)
      write(body)
      return { type, name, body: body.finish() }
    }),
  })
  const table = new WebAssembly.Table({ initial: 0, element: 'anyfunc' })
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory, table } })
  return exports as Record<Names, (...parameters: number[]) => void>
}
