import { describe, expect, it } from 'vitest'
import { compileModel, type Stage, stages } from '../../compiler/compile.ts'
import { chooseAccelerator } from '../../sim/cli/choose-accelerator.ts'
import { defaultSoc } from '../../sim/soc/default.ts'
import { digitsModel } from '../end-to-end/shared-models.ts'

const model = digitsModel()
const { soc, target } = await chooseAccelerator(defaultSoc, 'cnn')

function textOf(stage: Stage): string {
  let text = ''
  compileModel(model.bytes, model.name, { soc, target: target!, print: { stage, to: (part) => (text += part) } })
  return text
}

describe('the compiler', () => {
  it('prints every stage', () => {
    const beginnings: Record<Stage, RegExp> = {
      graph: /^graph "digits" \(%\d+: int8\[1x28x28x1\]/,
      partition: /^layer {2}operator +runs on +MACs +output +why\n/,
      schedule: /^layer {2}operator +tiles +commands +cycles +cut, outer loop first\n/,
      memory: /^ +from +to {2}lifetime over layers\n/,
      commands: /^ +0 {2}layer 0 {2}load/,
      c: /^\/\* Generated from digits: change the model, not this file\. \*\/\n/,
    }
    for (const stage of stages) expect(textOf(stage)).toMatch(beginnings[stage])
  })

  it('names the tile in every line of the command stream', () => {
    expect(textOf('commands')).toMatch(/ conv after load.* ; conv/)
  })

  it('gives the same files for the same model', () => {
    const files = () => compileModel(model.bytes, model.name, { soc, target: target! }).files
    expect(files()).toEqual(files())
  })

  it('writes C that a person can read', () => {
    const source = textOf('c')
    expect(source).toMatch(/#define TENSOR_\d+ \(model_arena \+ \d+\) \/\* .* \[1, 28, 28, 1\] \*\//)
    expect(source).toMatch(/\/\* layer 0: CONV_2D -> .* \*\/\n {2}\{\.load = \{\.opcode = ACCELERATOR_OPCODE_LOAD, /)
    expect(source).toMatch(/\n {2}error = run_until\(\d+, \d+\);\n/)
    expect(source).toMatch(/softmax_s8\(&layer_\d+, TENSOR_\d+, TENSOR_\d+\);/)
  })
})
