/**
 * The innermost frame of a kind that the stack pointer is in: a function's part of the stack is from the stack pointer that
 * it was called with down to that which the next one was called with. Where a jump over frames has gone to (longjmp).
 *
 * @param frames outermost first, each with the stack pointer that it was called with; 0 when that is not known
 * @param bottom where the part of the innermost ends
 * @returns its index, or -1
 */
export function frameHolding<F extends { readonly sp: number }>(
  frames: readonly F[],
  sp: number,
  isOfKind: (frame: F) => boolean,
  bottom = 0,
): number {
  const above = (a: number, b: number) => a >>> 0 >= b >>> 0
  return frames.findLastIndex((frame, at) => {
    return isOfKind(frame) && (frame.sp === 0 || above(frame.sp, sp)) && above(sp, frames[at + 1]?.sp ?? bottom)
  })
}
