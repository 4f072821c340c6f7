import { existsSync, readFileSync } from 'node:fs'
import { type NpyArray, readNpy } from '../../compiler/io/npy.ts'
import { sharedPath } from '../shared.ts'

/** The models of the shared validation data; their outputs are those of TFLite Micro. */
export const modelNames = [
  'ad_autoencoder',
  'cifar10_tinymaix',
  'hello_world',
  'ic_resnet8',
  'kws_dscnn',
  'micro_speech',
  'mnist_dw',
  'mnist_emlearn',
  'mnist_resnet',
  'mnist_valid',
  'person_detect',
  'sww_streaming',
  'vww_mobilenet_v1',
] as const

export interface GoldenModel {
  readonly name: string
  readonly bytes: Uint8Array
  readonly inputs: NpyArray
  readonly outputs: NpyArray
}

/** A model in a folder with `inputs.npy` and `outputs.npy`. */
function readGoldenModel(folder: string, file: string, name: string): GoldenModel {
  const read = (path: string) => new Uint8Array(readFileSync(`${folder}/${path}`))
  const array = (path: string) => readNpy(read(path), path)
  return { name, bytes: read(file), inputs: array('inputs.npy'), outputs: array('outputs.npy') }
}

/** Undefined in a clone without the shared data. */
export function sharedModel(name: string): GoldenModel | undefined {
  const folder = sharedPath(`models/tflite/${name}`)
  return folder === undefined || !existsSync(folder) ? undefined : readGoldenModel(folder, 'model.tflite', name)
}

/** Our own model, which every clone has. */
export function digitsModel(): GoldenModel {
  return readGoldenModel(new URL('../../programs/digits', import.meta.url).pathname, 'digits.tflite', 'digits')
}
