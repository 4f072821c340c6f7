import type { Digit } from './digits.ts'
import type { Answers } from './measure.ts'
import { argmax } from './model.ts'

/**
 * Two digits of every label, sorted by label: the first in the held-back order, and of the others the one that the model
 * recognises with the least certainty. Most outputs are saturated (one label certain, the rest 0) and hide small errors of
 * arithmetic; the uncertain ones show them. So these digits are for checking bits; accuracy is measured on all digits.
 */
export function pickTestDigits(heldBack: readonly Digit[], answers: readonly Answers[]): number[] {
  const certainty = (i: number): number => answers[i]!.reference[heldBack[i]!.label]!
  return Array.from({ length: 10 }, (_, label) => {
    const [first, ...others] = heldBack.flatMap((digit, i) => (digit.label === label ? [i] : []))
    const recognised = others.filter((i) => argmax(answers[i]!.reference) === label)
    return [first!, recognised.reduce((least, i) => (certainty(i) < certainty(least) ? i : least))]
  }).flat()
}
