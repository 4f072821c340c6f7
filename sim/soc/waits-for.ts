import { csr } from '../cpu/csr/rows.ts'
import type { Hart } from '../cpu/hart.ts'
import { interrupt } from '../cpu/trap.ts'
import { hex } from '../hex.ts'
import type { BuiltSoc } from './build.ts'

/**
 * One sentence: what a hart that stands still for ever is waiting for, and why that cannot come.
 * @param place function and source line of its pc, when they are known
 */
export function waitsFor(hart: Hart, { clint, plic, uart, accelerator }: BuiltSoc, place: string | undefined): string {
  const at = `${hex(hart.pc)}${place === undefined ? '' : ` in ${place}`}`
  const enabled = hart.csrs.get(csr.mie)
  const waits: string[] = []
  if ((enabled & (1 << interrupt.timer)) !== 0) {
    waits.push(clint?.armed ? 'the timer interrupt' : 'the timer interrupt, but mtimecmp is never reached')
  }
  if ((enabled & (1 << interrupt.software)) !== 0)
    waits.push('the software interrupt, which only this hart could raise')
  if ((enabled & (1 << interrupt.external)) !== 0) {
    const sources = plic?.enabledSources() ?? []
    const which = sources.length === 0 ? 'none is enabled at the PLIC' : `source ${sources.join(', ')} stays quiet`
    waits.push(`an external interrupt, but ${which}`)
  }
  const what = waits.length === 0 ? 'nothing, as no interrupt is enabled in mie' : waits.join('; ')
  const stuck = accelerator?.waitingFor?.()
  const accelerated = stuck === undefined ? '' : `; the accelerator: ${stuck}`
  const input = uart?.awaitsInput ? `; ${uart.name} waits for input, but the console input has ended` : ''
  if (hart.waiting) return `the hart waits (wfi before ${at}) for ${what}${input}${accelerated}`
  if (uart?.polledInVain) return `the hart polls ${uart.name} at ${at} for input, but the console input has ended`
  const ignored = hart.interruptsEnabled ? '' : ' with interrupts disabled in mstatus'
  return `the hart jumps to itself at ${at}${ignored} and nothing is left to happen${input}${accelerated}`
}
