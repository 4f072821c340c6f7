/** `sim infer --profile`: the firmware runs once more, and the accelerator is followed. */
import type { TensorData } from '../../compiler/ir/dtype.ts'
import { debugInfo } from '../debug-info/debug-info.ts'
import { type InferenceProfile, inferenceProfile } from '../profile/inference-profile.ts'
import { InferenceProfiler } from '../profile/inference-profiler.ts'
import { findBlock } from '../soc/description.ts'
import { openSession, type SessionOptions } from './open-session.ts'
import { peakOf } from './settled-accelerator.ts'

/** @param inputs of the sample to look at */
export async function profileInference(
  bytes: Uint8Array,
  name: string,
  inputs: readonly TensorData[],
  options: SessionOptions,
): Promise<InferenceProfile> {
  const profiler = new InferenceProfiler(findBlock(options.soc, 'markers')?.name)
  const session = await openSession(bytes, name, { ...options, probes: () => [profiler] })
  const { layerTimes } = session.run(inputs)
  const { hardware } = session.model.accelerator ?? {}
  return inferenceProfile({
    profiler,
    network: debugInfo(session.image).network!,
    times: layerTimes,
    ...profiler.region!,
    parameters: hardware?.parameters ?? {},
    ranges: hardware?.description.parameters,
    peak: hardware && peakOf(hardware),
  })
}
