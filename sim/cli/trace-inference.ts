import type { TensorData } from '../../compiler/ir/dtype.ts'
import { orFailure } from './inference-failure.ts'
import { openSession, type SessionOptions } from './open-session.ts'
import type { OpenTrace } from './trace-options.ts'

/** Runs one sample of a model in a session of its own, and records it up to where its firmware stops. */
export async function traceInference(
  bytes: Uint8Array,
  name: string,
  inputs: readonly TensorData[],
  platform: SessionOptions,
  trace: OpenTrace,
): Promise<void> {
  const session = await openSession(bytes, name, { ...platform, probes: () => [trace.probe] })
  orFailure(() => session.run(inputs))
  trace.close()
}
