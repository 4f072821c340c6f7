import type { TensorData } from '../../compiler/ir/dtype.ts'
import { openSession, type SessionOptions } from './open-session.ts'
import type { OpenTrace } from './trace-options.ts'

/** Runs one sample of a model in a session of its own, and records it. */
export async function traceInference(
  bytes: Uint8Array,
  name: string,
  inputs: readonly TensorData[],
  platform: SessionOptions,
  trace: OpenTrace,
): Promise<void> {
  const session = await openSession(bytes, name, { ...platform, probes: () => [trace.probe] })
  session.run(inputs)
  trace.close()
}
