import { createHash } from 'node:crypto'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { BuildCache, cacheFolder, isUsable } from './build-cache.ts'
import { compileError, linkError } from './build-errors.ts'
import { forEachParallel, runCommand } from './run-command.ts'
import { runtimeFolder } from './runtime-sources.ts'
import { scratchFolder } from './scratch-folder.ts'
import { type GeneratedFiles, SourceReader, type Unit } from './sources.ts'
import type { BuildFolders, Toolchain } from './toolchain.ts'

/** Everything that a firmware is built from. */
export interface FirmwareSources {
  /** Paths of .c and .S files. */
  readonly sources: readonly string[]
  readonly includeDirs: readonly string[]
  /** Files of this build: .c and .S are compiled, the others can be included (or, bytes, taken in with .incbin). */
  readonly generated?: GeneratedFiles
  /** Text of the linker script. */
  readonly linkerScript: string
  readonly defines?: Readonly<Record<string, string | number>>
  /** e.g. `rv32im` or `rv32imc_zicsr_zifencei`; the ABI is ilp32. */
  readonly isa: string
}

export interface BuildOptions {
  /** False builds everything again and keeps nothing. */
  readonly cache?: boolean
  /** Root of the cache instead of `cacheFolder()`. */
  readonly cacheFolder?: string
}

const compileFlags = [
  '-std=c11',
  '-O2',
  '-g',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-ffreestanding',
  '-fno-common',
  '-ffunction-sections',
  '-fdata-sections',
]

/**
 * Compiles and links a firmware; returns the ELF file, with debug data. Whole firmwares and single objects are cached
 * under the hash of contents, flags and toolchain version, so nothing is ever stale, and where the
 * sources lie does not matter: debug data names files of this package from its root, others from their
 * own folder. Where the cache cannot be written, everything is built again.
 * @throws UserError `source-missing`, `isa-unsupported`, `compile-failed`, `link-failed`, `firmware-too-large`, `scratch-unwritable`
 */
export async function buildFirmware(
  firmware: FirmwareSources,
  toolchain: Toolchain,
  options: BuildOptions = {},
): Promise<Uint8Array> {
  const scratch = scratchFolder()
  try {
    const kept = options.cache === false ? undefined : (options.cacheFolder ?? cacheFolder())
    const cache = kept !== undefined && isUsable(kept) ? kept : join(scratch, 'cache')
    return await new Build(firmware, toolchain, { scratch, cache }).run()
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

/** One build: the units, their keys and where files go. */
class Build {
  private readonly firmware: FirmwareSources
  private readonly toolchain: Toolchain
  private readonly folders: BuildFolders
  private readonly objects: BuildCache
  private readonly images: BuildCache
  private readonly flags: readonly string[]
  /** Where this package lies: runtime, programs, and accelerators with their drivers. */
  private readonly root = dirname(runtimeFolder())
  private readonly generatedFolder: string
  private readonly linkerScript: string

  constructor(firmware: FirmwareSources, toolchain: Toolchain, folders: BuildFolders) {
    this.firmware = firmware
    this.toolchain = toolchain
    this.folders = folders
    this.objects = new BuildCache(folders.cache, 'objects', '.o')
    this.images = new BuildCache(folders.cache, 'firmware', '.elf')
    const defines = Object.entries(firmware.defines ?? {}).map(([name, value]) => `-D${name}=${value}`)
    this.flags = [...toolchain.target(firmware.isa, 'compile'), ...compileFlags, ...defines]
    this.generatedFolder = join(folders.scratch, 'generated')
    this.linkerScript = firmware.linkerScript + (toolchain.linkScriptEnd ?? '')
  }

  async run(): Promise<Uint8Array> {
    const units = this.readUnits().map((unit) => ({ ...unit, key: this.key(this.nameOf(unit), unit.hash) }))
    const imageKey = this.key(this.linkerScript, ...this.toolchain.linkFlags, ...units.map((unit) => unit.key))
    const cached = this.images.read(imageKey)
    if (cached !== undefined) return cached

    const missing = units.filter((unit) => !this.objects.has(unit.key))
    if (missing.length > 0) this.writeGenerated()
    await forEachParallel(missing, availableParallelism(), (unit) => this.compile(unit, unit.key))
    await this.link(
      units.map((unit) => this.objects.path(unit.key)),
      imageKey,
    )
    const image = this.images.read(imageKey)!
    this.objects.prune()
    this.images.prune()
    return image
  }

  private readUnits(): readonly Unit[] {
    const generated: GeneratedFiles = this.firmware.generated ?? new Map()
    const reader = new SourceReader(this.firmware.includeDirs, generated)
    const generatedUnits = [...generated.keys()].filter((name) => /\.[cS]$/.test(name))
    return [
      ...this.firmware.sources.map((path) => reader.unit(path)),
      ...generatedUnits.map((name) => reader.generatedUnit(name)),
    ]
  }

  private key(...parts: readonly string[]): string {
    const hash = createHash('sha256')
    for (const part of [this.toolchain.name, this.toolchain.version, ...this.flags, ...parts])
      hash.update(part).update('\0')
    return hash.digest('hex')
  }

  private writeGenerated(): void {
    mkdirSync(this.generatedFolder)
    for (const [name, contents] of this.firmware.generated ?? []) {
      const path = join(this.generatedFolder, name)
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, contents)
    }
  }

  private async compile(unit: Unit, key: string): Promise<void> {
    const draft = this.objects.draft()
    const includes = [this.generatedFolder, ...this.firmware.includeDirs].map((folder) => `-I${folder}`)
    const source = unit.path ?? join(this.generatedFolder, unit.name)
    const assembly = unit.name.endsWith('.S') ? (this.toolchain.assemblyFlags ?? []) : []
    const flags = [...this.flags, ...assembly, ...this.prefixMaps(source)]
    const args = [...flags, ...includes, '-c', source, '-o', draft]
    const result = await runCommand(this.toolchain.command(args, this.folders), this.folders.scratch)
    if (result.code !== 0) throw compileError(this.toolchain, unit.path ?? unit.name, result)
    this.objects.commit(draft, key)
  }

  /** What debug data calls a unit. */
  private nameOf({ path, name }: Unit): string {
    return path === undefined || !this.isOurs(path) ? name : relative(this.root, path)
  }

  private isOurs(path: string): boolean {
    return !relative(this.root, path).startsWith('..')
  }

  /** Debug data must be the same wherever package, sources and scratch folder lie. */
  private prefixMaps(source: string): string[] {
    const others = [dirname(source), ...this.firmware.includeDirs].filter((folder) => !this.isOurs(folder))
    const folders = [...new Set([this.root, ...others])].map((folder) => `-fdebug-prefix-map=${folder}/=`)
    return [...folders, `-fdebug-prefix-map=${this.folders.scratch}=.`]
  }

  private async link(objects: readonly string[], key: string): Promise<void> {
    const draft = this.images.draft()
    const script = join(this.folders.scratch, 'firmware.ld')
    writeFileSync(script, this.linkerScript)
    const target = this.toolchain.target(this.firmware.isa, 'link')
    const args = [...target, `-Wl,-T,${script}`, ...objects, ...this.toolchain.linkFlags, '-o', draft]
    const result = await runCommand(this.toolchain.command(args, this.folders), this.folders.scratch)
    if (result.code !== 0) throw linkError(this.toolchain, result)
    this.images.commit(draft, key)
  }
}
