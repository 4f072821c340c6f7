import { FunctionBody } from '../../../../sim/cpu/translator/wasm/function-body.ts'
import { encodeModule } from '../../../../sim/cpu/translator/wasm/module.ts'

/** Compiles one function of i32 parameters with an i32 result. */
export function compile(parameters: number, write: (body: FunctionBody) => void): (...values: number[]) => number {
  const body = new FunctionBody(parameters)
  write(body)
  const bytes = encodeModule({
    types: [{ parameters, results: 1 }],
    functions: [{ type: 0, body: body.finish(), name: 'run' }],
  })
  const env = {
    memory: new WebAssembly.Memory({ initial: 1 }),
    table: new WebAssembly.Table({ initial: 1, element: 'anyfunc' }),
  }
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env })
  return exports.run as (...values: number[]) => number
}
