/** C toolchains that build firmware; zig comes with npm, the others are looked for on the PATH. */
export const toolchainNames = ['zig', 'gcc', 'clang'] as const
export type ToolchainName = (typeof toolchainNames)[number]

/** What one run of a compiler or linker is: program, arguments, additional environment. */
export interface Command {
  readonly program: string
  readonly arguments: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
}

/** Where a command may keep files: `scratch` goes away after the build, `cache` stays. */
export interface BuildFolders {
  readonly scratch: string
  readonly cache: string
}

/** A toolchain that was found on this machine. */
export interface Toolchain {
  readonly name: ToolchainName
  /** As the toolchain itself says it; part of every cache key. */
  readonly version: string
  /** Flags that choose the instruction set and the ABI. */
  target(isa: string, step: 'compile' | 'link'): readonly string[]
  /** More flags for assembly files. */
  readonly assemblyFlags?: readonly string[]
  /** Runs compiler or linker with these arguments. */
  command(args: readonly string[], folders: BuildFolders): Command
  /** Arguments of every link beside objects, script and output. */
  readonly linkFlags: readonly string[]
  /** Commands that every linker script ends with. */
  readonly linkScriptEnd?: string
}

/** How to find one toolchain. */
export interface ToolchainFinder {
  /** What a user has to install, as the end of a sentence. */
  readonly install: string
  /** Undefined when it is not on this machine, or cannot build for RISC-V. */
  find(): Toolchain | undefined
}
