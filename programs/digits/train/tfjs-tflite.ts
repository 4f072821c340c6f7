/**
 * Runs a TFLite file with the npm package `@tensorflow/tfjs-tflite`: TensorFlow Lite and XNNPACK as WebAssembly, an
 * implementation that shares nothing with ours. It is made for browsers, so its client runs in a sandbox of its own
 * that looks like a web worker whose files come from the package's folder.
 */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { createContext, runInContext } from 'node:vm'

/** The part of the client's interface that is used here. */
interface Client {
  TFLiteWebModelRunner: { create(model: ArrayBuffer, options: { numThreads: number }): Promise<Runner> }
}

interface Runner {
  getInputs(): TensorInfo[]
  getOutputs(): TensorInfo[]
  infer(): boolean
}

interface TensorInfo {
  /** A view of the tensor in the WebAssembly memory, valid until the next inference. */
  data(): Int8Array
}

/** Computes the int8 output of one image. */
export type Infer = (image: Int8Array) => Int8Array

/** Loads the first input and output of a model that has one of each, both int8. */
export async function loadTfjsTflite(model: Uint8Array): Promise<Infer> {
  const client = startClient()
  const runner = await client.TFLiteWebModelRunner.create(new Uint8Array(model).buffer, { numThreads: 1 })
  const [input] = runner.getInputs()
  const [output] = runner.getOutputs()
  return (image) => {
    input!.data().set(image)
    if (!runner.infer()) throw new Error('tfjs-tflite could not run the model')
    return output!.data().slice()
  }
}

/** Leaves SharedArrayBuffer, MessageChannel and `process` out: the client then takes its single-threaded build and worker code. */
function startClient(): Client {
  const folder = join(dirname(createRequire(import.meta.url).resolve('@tensorflow/tfjs-tflite/package.json')), 'wasm')
  const read = (url: string) => readFileSync(join(folder, basename(url)))
  const run = (url: string) => runInContext(read(url).toString(), context, { filename: url })
  const location = { href: 'https://localhost/', origin: 'https://localhost', pathname: '/', protocol: 'https:' }
  const scope: Record<string, unknown> = {
    exports: {},
    location,
    console: { ...console, info: () => {}, log: () => {} },
    performance,
    setTimeout,
    clearTimeout,
    TextDecoder,
    URL,
    Blob,
    fetch: async (url: string) => new Response(read(url), { headers: { 'content-type': 'application/wasm' } }),
    importScripts: run,
  }
  const context = createContext(Object.assign(scope, { self: scope }))
  runInContext('self = globalThis; delete globalThis.SharedArrayBuffer', context)
  run('tflite_web_api_client.js')
  return (scope.exports as { tfweb: Client }).tfweb
}
