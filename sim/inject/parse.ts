import { UserError } from '../diagnostic.ts'
import { type BusAccess, busAccesses, type Fault } from './fault.ts'

/** Values by key, each a number unless it is a name or a range. */
type Values = ReadonlyMap<string, string>

interface Form {
  readonly keys: readonly string[]
  readonly optional?: readonly string[]
  readonly example: string
  readonly read: (values: Values, spec: string) => Fault
}

const HIGHEST = Number.MAX_SAFE_INTEGER

const forms: Readonly<Record<string, Form>> = {
  flip: {
    keys: ['scratchpad', 'at'],
    optional: ['byte', 'bit'],
    example: 'flip:scratchpad=act,at=12000',
    read: (values, spec) => ({
      kind: 'flip',
      scratchpad: values.get('scratchpad')!,
      at: number(values, 'at', spec),
      byte: optional(values, 'byte', spec),
      bit: optional(values, 'bit', spec, 0, 7),
    }),
  },
  'flip-dma': {
    keys: ['rate'],
    example: 'flip-dma:rate=0.01',
    read: (values, spec) => ({ kind: 'flip-dma', rate: rate(values.get('rate')!, spec) }),
  },
  stuck: {
    keys: ['unit', 'at'],
    example: 'stuck:unit=load,at=5000',
    read: (values, spec) => ({ kind: 'stuck', unit: values.get('unit')!, at: number(values, 'at', spec) }),
  },
  'drop-irq': {
    keys: ['source'],
    optional: ['nth'],
    example: 'drop-irq:source=11,nth=2',
    read: (values, spec) => ({
      kind: 'drop-irq',
      source: number(values, 'source', spec, 1),
      nth: optional(values, 'nth', spec, 1) ?? 1,
    }),
  },
  'delay-irq': {
    keys: ['source', 'cycles'],
    optional: ['nth'],
    example: 'delay-irq:source=11,cycles=5000',
    read: (values, spec) => ({
      kind: 'delay-irq',
      source: number(values, 'source', spec, 1),
      cycles: number(values, 'cycles', spec, 1),
      nth: optional(values, 'nth', spec, 1) ?? 1,
    }),
  },
  'bus-error': {
    keys: ['range'],
    optional: ['access', 'nth'],
    example: 'bus-error:range=0x80000000-0x80000fff,access=load,nth=2',
    read: (values, spec) => ({
      kind: 'bus-error',
      ...range(values.get('range')!, spec),
      access: busAccess(values.get('access') ?? 'dma', spec),
      nth: optional(values, 'nth', spec, 1) ?? 1,
    }),
  },
}

/**
 * Reads a fault as `kind:key=value,key=value`.
 * @throws UserError `inject-spec`
 */
export function parseFault(spec: string): Fault {
  const [kind = '', rest = ''] = split(spec, ':')
  const form = Object.hasOwn(forms, kind) ? forms[kind] : undefined
  if (form === undefined)
    throw new UserError('inject-spec', `there is no fault '${kind}'`, `choose one of ${Object.keys(forms).join(', ')}`)
  const values = new Map<string, string>()
  for (const pair of rest.split(',')) {
    const [key = '', value] = split(pair, '=')
    const known = form.keys.includes(key) || form.optional?.includes(key) === true
    if (!known || value === undefined || value === '' || values.has(key))
      throw wrong(spec, `'${pair}' is not understood`, form)
    values.set(key, value)
  }
  const missing = form.keys.find((key) => !values.has(key))
  if (missing !== undefined) throw wrong(spec, `${missing} is missing`, form)
  return form.read(values, spec)
}

function split(text: string, at: string): [string, string | undefined] {
  const index = text.indexOf(at)
  return index < 0 ? [text, undefined] : [text.slice(0, index), text.slice(index + 1)]
}

function wrong(spec: string, what: string, form: Form): UserError {
  return new UserError('inject-spec', `in --inject ${spec}, ${what}`, `write it as ${form.example}`)
}

function number(values: Values, key: string, spec: string, least = 0, most = HIGHEST): number {
  const text = values.get(key)!
  const value = /^(0x[0-9a-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value) && value >= least && value <= most) return value
  const limits = most === HIGHEST ? `${least} or above` : `from ${least} to ${most}`
  throw wrong(spec, `${key}=${text} is no whole number ${limits}`, forms[split(spec, ':')[0]]!)
}

function optional(values: Values, key: string, spec: string, least = 0, most = HIGHEST): number | undefined {
  return values.has(key) ? number(values, key, spec, least, most) : undefined
}

function busAccess(text: string, spec: string): BusAccess {
  const known = busAccesses.find((one) => one === text)
  if (known !== undefined) return known
  throw wrong(spec, `access=${text} is none of ${busAccesses.join(', ')}`, forms['bus-error']!)
}

function rate(text: string, spec: string): number {
  const value = Number(text)
  if (text.trim() !== '' && value > 0 && value <= 1) return value
  throw wrong(spec, `rate=${text} is no probability above 0 and up to 1`, forms['flip-dma']!)
}

function range(text: string, spec: string): { from: number; to: number } {
  const [from, to] = split(text, '-').map((part) =>
    /^(0x[0-9a-f]+|\d+)$/i.test(part ?? '') ? Number(part) : Number.NaN,
  )
  if (from! <= to! && to! < 2 ** 32) return { from: from!, to: to! }
  throw wrong(spec, `range=${text} is no range of addresses, first and last`, forms['bus-error']!)
}
