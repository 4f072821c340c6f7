import { describe, expect, it } from 'vitest'
import { modelFor, relativeError } from '../../../bench/timing/compare.ts'
import { parseMeasurements } from '../../../bench/timing/measurements.ts'

const HEADER = 'core,config,program,isa,region,cycles,instructions'

describe('measurements of a core', () => {
  it('are rows of a CSV file, with columns in any order', () => {
    const text = `cycles,core,config,program,isa,region,note,instructions\r\n120,mycore,big,loops,rv32im,3,x,100\r\n`
    expect(parseMeasurements(text, 'm.csv')).toEqual([
      { core: 'mycore', config: 'big', program: 'loops', isa: 'rv32im', region: 3, cycles: 120, instructions: 100 },
    ])
  })

  it('are refused without a column that is needed', () => {
    expect(() => parseMeasurements('core,config\n', 'm.csv')).toThrow("there is no column 'program'")
  })

  it('are refused when a count is none, with the line', () => {
    const parse = () => parseMeasurements(`${HEADER}\na,b,c,rv32im,1,10,10\na,b,c,rv32im,2,fast,10`, 'm.csv')
    expect(parse).toThrow(expect.objectContaining({ code: 'timing-csv', place: { file: 'm.csv', at: 'line 3' } }))
  })
})

describe('the model for a measured core', () => {
  it.each([
    ['ibex', 'small', 'ibex'],
    ['ibex', 'maxperf', 'ibex-maxperf'],
    ['cv32e40p', 'default', 'cv32e40p'],
    ['picorv32', 'fast', 'picorv32'],
    ['picorv32', 'small', 'picorv32-small'],
    ['picorv32', 'fast-ws1', 'picorv32-ws1'],
    ['nobody', 'small', undefined],
  ])('%s %s', (core, config, model) => {
    expect(modelFor({ core, config })).toBe(model)
  })
})

it('a region that never ended is all wrong', () => {
  const measured = { core: 'a', config: 'b', program: 'c', isa: 'rv32im', region: 1, cycles: 100, instructions: 90 }
  expect(relativeError({ ...measured, simulated: undefined })).toBe(1)
  expect(relativeError({ ...measured, simulated: { cycles: 98, instructions: 90 } })).toBeCloseTo(0.02)
})
