/**
 * Makes schema.generated.ts, the reader and writer of TFLite files, from schema.fbs: `npm run gen`.
 * Needs flatc (Debian: `apt-get install flatbuffers-compiler`); flatc writes one file per table in a TypeScript
 * dialect of its own (enums, imports without extension), so its output is joined here into one erasable module.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const here = fileURLToPath(new URL('.', import.meta.url))

/** A const object in place of an enum; the type is a plain number, as a file may hold any value. */
function eraseEnum(_: string, name: string, members: string): string {
  return `export const ${name} = {${members.replaceAll(' = ', ': ')}} as const\nexport type ${name} = number`
}

function adapt(source: string): string {
  return source
    .replaceAll(/^\/\/ automatically.*\n|^import .*\n/gm, '')
    .replaceAll(/^export enum (\w+) \{([^}]*)\}/gm, eraseEnum)
    .replaceAll(/^export function union\w+\([\s\S]*?^\}$/gm, '')
    .replaceAll('<T extends flatbuffers.Table>', '')
    .trim()
}

/** The text of schema.generated.ts that belongs to schema.fbs. */
export function generateReader(): string {
  const directory = mkdtempSync(join(tmpdir(), 'tflite-reader-'))
  try {
    execFileSync('flatc', ['--ts', '-o', directory, join(here, 'schema.fbs')])
    const tables = join(directory, 'tflite')
    const parts = readdirSync(tables)
      .sort()
      .map((file) => adapt(readFileSync(join(tables, file), 'utf8')))
    const header =
      "// Generated from schema.fbs by `npm run gen`; do not edit.\nimport * as flatbuffers from 'flatbuffers'\n"
    return `${[header, ...parts].join('\n')}\n`
  } finally {
    rmSync(directory, { recursive: true })
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  writeFileSync(join(here, 'schema.generated.ts'), generateReader())
}
