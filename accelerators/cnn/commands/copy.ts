/**
 * COPY: moves up to three dimensions inside the activation scratchpad, or fills them with one value.
 * Runs move one after the other; inside a run the direction of the vectors follows the addresses, so a
 * run may overlap its own source. Runs that touch merge; a run takes a cycle per vector of `lanes`.
 */
import { address, type FieldValues, firstZero, i8, oneOf, u16, u32 } from '../../../sim/accel/description.ts'
import { command, SETUP_CYCLES } from '../parameters.ts'
import { mergeRuns, type Runs, regionOf } from '../transfer.ts'

export const copyModes = { copy: 0, fill: 1 } as const

const fields = {
  input: address('act', 'first source byte; unused by fill'),
  output: address('act', 'first destination byte'),
  bytes: u32('contiguous bytes of a run'),
  inputRowStride: u32('bytes from one run to the next in the source'),
  inputPlaneStride: u32('bytes from one group of runs to the next in the source'),
  outputRowStride: u32('bytes from one run to the next in the destination'),
  outputPlaneStride: u32('bytes from one group of runs to the next in the destination'),
  rows: u16('runs of a group'),
  planes: u16('groups'),
  mode: oneOf(copyModes, 'copy the source, or fill with `value`'),
  value: i8('what fill writes'),
} as const
type CopyFields = FieldValues<typeof fields>

const source = (f: CopyFields): Runs => ({
  start: f.input,
  bytes: f.bytes,
  rows: f.rows,
  rowStride: f.inputRowStride,
  planes: f.planes,
  planeStride: f.inputPlaneStride,
})

const destination = (f: CopyFields): Runs => ({
  ...source(f),
  start: f.output,
  rowStride: f.outputRowStride,
  planeStride: f.outputPlaneStride,
})

export const copy = command({
  opcode: 0x23,
  unit: 'compute',
  doc: 'strided copy inside the activation scratchpad, or fill',
  fields,
  check: (f) => firstZero(f, ['bytes', 'rows', 'planes']),
  touches(f) {
    const write = regionOf('act', 'write', 'output', destination(f))
    return f.mode === copyModes.fill ? [write] : [regionOf('act', 'read', 'input', source(f)), write]
  },
  cycles(f, p) {
    const vectors = (runs: Runs) => {
      const { planes, rows, bytes } = mergeRuns(runs)
      return planes * rows * Math.ceil(bytes / p.lanes)
    }
    const read = f.mode === copyModes.fill ? 0 : vectors(source(f))
    return { cycles: SETUP_CYCLES + Math.max(read, vectors(destination(f))) }
  },
  execute(f, { memories }) {
    const act = memories.act!
    for (let plane = 0; plane < f.planes; plane++)
      for (let row = 0; row < f.rows; row++) {
        const from = f.input + plane * f.inputPlaneStride + row * f.inputRowStride
        const to = f.output + plane * f.outputPlaneStride + row * f.outputRowStride
        if (f.mode === copyModes.fill) act.fill(f.value, to, to + f.bytes)
        else act.copyWithin(to, from, from + f.bytes)
      }
    return undefined
  },
})
