import { readFileSync } from 'node:fs'
import { importTflite } from '../../../compiler/import/tflite/import-tflite.ts'
import { ReferenceInterpreter } from '../../../compiler/reference/evaluate-graph.ts'
import type { Digit } from './digits.ts'
import { argmax } from './model.ts'
import { shipped } from './paths.ts'
import { type Infer, loadTfjsTflite } from './tfjs-tflite.ts'

/** The outputs of both implementations for one digit. */
export interface Answers {
  readonly reference: Int8Array
  readonly tfjsTflite: Int8Array
}

/** How well both implementations recognise some digits, and how far apart their answers are. */
export interface Comparison {
  readonly digits: number
  /** Digits whose most probable label is right. */
  readonly correct: { readonly reference: number; readonly tfjsTflite: number }
  /** Digits with the same most probable label. */
  readonly sameLabel: number
  /** Digits whose ten output bytes are all equal. */
  readonly sameBytes: number
  /** The largest difference of an output, in steps of 1/256. */
  readonly maxAbsDiff: number
}

/** Loads the shipped model into our reference interpreter and into tfjs-tflite. */
export async function loadBoth(): Promise<(digit: Digit) => Answers> {
  const file = readFileSync(shipped('digits.tflite'))
  const interpreter = new ReferenceInterpreter(importTflite(file, 'digits.tflite'))
  const reference: Infer = (image) => interpreter.run([image])[0] as Int8Array
  const tfjsTflite = await loadTfjsTflite(file)
  return (digit) => {
    const image = toInput(digit)
    return { reference: reference(image), tfjsTflite: tfjsTflite(image) }
  }
}

/** The pixels as the model takes them: scale 1/255, zero point -128. */
export function toInput(digit: Digit): Int8Array {
  return Int8Array.from(digit.pixels, (pixel) => pixel - 128)
}

/** Compares answers, one for each digit. */
export function compare(digits: readonly Digit[], answers: readonly Answers[]): Comparison {
  const pairs = answers.map(({ reference, tfjsTflite }) =>
    reference.map((value, i) => Math.abs(value - tfjsTflite[i]!)),
  )
  const differences = pairs.map((pair) => Math.max(...pair))
  const count = (holds: (answer: Answers, digit: Digit) => boolean): number =>
    answers.filter((answer, i) => holds(answer, digits[i]!)).length
  return {
    digits: digits.length,
    correct: {
      reference: count(({ reference }, { label }) => argmax(reference) === label),
      tfjsTflite: count(({ tfjsTflite }, { label }) => argmax(tfjsTflite) === label),
    },
    sameLabel: count(({ reference, tfjsTflite }) => argmax(reference) === argmax(tfjsTflite)),
    sameBytes: differences.filter((difference) => difference === 0).length,
    maxAbsDiff: Math.max(...differences),
  }
}
