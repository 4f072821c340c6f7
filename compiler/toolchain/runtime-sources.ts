import { existsSync, readdirSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Folder of the C runtime, in the repository or in the installed package. */
export function runtimeFolder(): string {
  let folder = dirname(fileURLToPath(import.meta.url))
  while (!existsSync(join(folder, 'runtime-c', 'boot'))) {
    const parent = dirname(folder)
    if (parent === folder) throw new Error('the package has lost its folder runtime-c')
    folder = parent
  }
  return join(folder, 'runtime-c')
}

/** Parts of the runtime. What a firmware does not use of them, the linker drops. */
const parts = ['boot', 'hal', 'libc', 'kernels', 'accel', 'model'] as const

/**
 * Sources of the runtime. Programs with a main of their own take everything but the harness of
 * `sim infer` (model/infer_main.c); firmware without a model also leaves out `model`.
 */
export function runtimeSources(only: readonly (typeof parts)[number][] = parts): readonly string[] {
  return only.flatMap((part) => {
    const folder = join(runtimeFolder(), part)
    const names = readdirSync(folder).filter((name) => /\.[cS]$/.test(name))
    return names.sort().map((name) => join(folder, name))
  })
}

/** Include folders that every firmware needs, before its own. */
export function runtimeIncludeDirs(): readonly string[] {
  return [join(runtimeFolder(), 'include'), join(runtimeFolder(), 'libc')]
}
