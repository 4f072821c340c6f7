import { fileURLToPath } from 'node:url'

/** Where training leaves what is not committed. */
export const outDirectory = fileURLToPath(new URL('out', import.meta.url))

/** All parameters of the float network as little-endian float32, in the order of the layers, weights before bias. */
export const weightsFile = fileURLToPath(new URL('out/weights.f32', import.meta.url))

/** How the training went: goes into the manifest. */
export const trainingReport = fileURLToPath(new URL('out/training.json', import.meta.url))

/** A file of the shipped example: the model, its inputs and golden outputs. */
export const shipped = (name: string): string => fileURLToPath(new URL(`../${name}`, import.meta.url))
