/**
 * Characters that are not seen, but change what is: controls, and marks of the direction of writing. The tab and the
 * ends of lines stay.
 */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const INVISIBLE = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g

/** Text of a guest with such characters spelt out, so that no name can hide or turn what stands beside it. */
export const visibleText = (text: string): string =>
  text.replace(INVISIBLE, (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`)
