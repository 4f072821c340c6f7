const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const tenth = new Intl.NumberFormat('en-US', { minimumFractionDigits: 1, maximumFractionDigits: 1 })

export const count = (value: number): string => whole.format(value)
export const decimal = (value: number): string => tenth.format(value)
export const percent = (part: number, of: number): string => `${tenth.format(of === 0 ? 0 : (100 * part) / of)} %`

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
