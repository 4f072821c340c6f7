/** Writes the interpreter from the instruction rows: part of `npm run gen`. */
import { writeFileSync } from 'node:fs'
import { interpreterSource } from '../cpu/interpreter/source.ts'

writeFileSync(new URL('../cpu/interpreter/interpreter.generated.ts', import.meta.url), interpreterSource())
