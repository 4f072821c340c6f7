const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export const count = (value: number): string => whole.format(value)
const digits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 2 })

/** With one digit behind the point; below one with the first two that are not zero. */
export const decimal = (value: number): string => (value > 0 && value < 0.95 ? digits : tenth).format(value)

/** `16`, `5.3`: for what is whole most of the time. */
export const brief = (value: number): string => (Number.isInteger(value) ? whole : tenth).format(value)

/** What is not nothing does not look like it, and what is not all neither. */
export function percent(part: number, of: number): string {
  const value = of === 0 ? 0 : (100 * part) / of
  if (value > 0 && value < 0.05) return '<0.1 %'
  if (value < 100 && value >= 99.95) return '>99.9 %'
  return `${tenth.format(value)} %`
}

/** `64 KiB`, `1.5 MiB`, `300 B` */
export function bytes(value: number): string {
  if (value < 1024) return `${value} B`
  const [scaled, unit] = value < 1 << 20 ? [value / 1024, 'KiB'] : [value / (1 << 20), 'MiB']
  return `${Number.isInteger(scaled) ? scaled : tenth.format(scaled)} ${unit}`
}

/** `1.05 ms`, `12.3 µs` */
export function seconds(value: number): string {
  const units = [
    [1, 's'],
    [1e-3, 'ms'],
    [1e-6, 'µs'],
    [1e-9, 'ns'],
  ] as const
  const [scale, unit] = units.find(([least]) => value >= least) ?? units[3]
  return `${Number((value / scale).toPrecision(3))} ${unit}`
}
