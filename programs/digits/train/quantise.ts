/** Quantises the trained network with ranges from undistorted training digits and writes `digits.tflite`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { loadDigits } from './digits.ts'
import { Model } from './model.ts'
import { digitsNetwork } from './network.ts'
import { shipped, weightsFile } from './paths.ts'
import { calibrate, quantise } from './quantisation.ts'
import { Random } from './random.ts'
import { writeTflite } from './tflite-writer.ts'

const calibrationDigits = 2000

const model = new Model(digitsNetwork, new Random(1))
const weights = readFileSync(weightsFile)
let at = 0
for (const { value } of model.parameters) {
  for (let i = 0; i < value.length; i++, at += 4) value[i] = weights.readFloatLE(at)
}
if (at !== weights.length) throw new Error(`${weightsFile} holds ${weights.length} bytes, the network needs ${at}`)
const images = loadDigits().training.slice(0, calibrationDigits)
const ranges = calibrate(
  model,
  images.map((digit) => digit.pixels),
)
const file = writeTflite(quantise(digitsNetwork, model, ranges))
writeFileSync(shipped('digits.tflite'), file)
console.log(`digits.tflite: ${file.length} bytes, ${at / 4} parameters`)
