/** Writes reference.generated.md, the register map and command reference of this accelerator. */
import { writeFileSync } from 'node:fs'
import { acceleratorReference } from '../../sim/accel/reference-docs.ts'
import { cnn } from './hardware.ts'

writeFileSync(new URL('reference.generated.md', import.meta.url), acceleratorReference(cnn))
