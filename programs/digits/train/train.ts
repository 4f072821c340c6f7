/**
 * Trains the digits network in floating point and writes its parameters to `out/weights.f32`.
 * Everything random comes from one seed and every operation is exactly rounded: two runs give the same bytes.
 */
import { mkdirSync, writeFileSync } from 'node:fs'
import { distort } from './augment.ts'
import { type Digit, loadDigits } from './digits.ts'
import { argmax, Model } from './model.ts'
import { digitsNetwork } from './network.ts'
import { Adam } from './optimiser.ts'
import { outDirectory, trainingReport, weightsFile } from './paths.ts'
import { Random } from './random.ts'
import { sha256 } from './sha256.ts'

const recipe = { seed: 1, epochs: 20, batch: 32, rate: 3e-3, warmUpSteps: 100, weightDecay: 1e-2 } as const

const { training, heldBack } = loadDigits()
const random = new Random(recipe.seed)
const model = new Model(digitsNetwork, random)
const optimiser = new Adam(model.parameters, recipe.weightDecay)
const totalSteps = recipe.epochs * (training.length / recipe.batch)
let step = 0

for (let epoch = 1; epoch <= recipe.epochs; epoch++) {
  const loss = trainEpoch(random.shuffle([...training]))
  console.log(`epoch ${epoch}/${recipe.epochs}: mean loss ${loss.toFixed(4)} on distorted training digits`)
}
const floatCorrect = heldBack.filter((digit) => argmax(model.infer(digit.pixels)) === digit.label).length
console.log(`float accuracy: ${floatCorrect} of ${heldBack.length} held-back digits`)
const weights = Buffer.concat(model.parameters.map(({ value }) => Buffer.from(value.buffer)))
mkdirSync(outDirectory, { recursive: true })
writeFileSync(weightsFile, weights)
const report = { ...recipe, trainingDigits: training.length, floatCorrect, weightsSha256: sha256(weights) }
writeFileSync(trainingReport, JSON.stringify(report))

function trainEpoch(digits: readonly Digit[]): number {
  let loss = 0
  for (const [i, digit] of digits.entries()) {
    distort(digit.pixels, random, model.input)
    loss += model.learn(digit.label)
    if ((i + 1) % recipe.batch === 0) optimiser.step(rateAt(step++), recipe.batch)
  }
  return loss / digits.length
}

/** Rises linearly from 0 during the warm-up, then falls linearly to 0. */
function rateAt(step: number): number {
  const rise = (step + 1) / recipe.warmUpSteps
  const fall = (totalSteps - step) / (totalSteps - recipe.warmUpSteps)
  return recipe.rate * Math.min(rise, fall)
}
