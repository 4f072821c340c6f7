import { UserError } from '../../sim/diagnostic.ts'
import { clang } from './clang.ts'
import { gcc } from './gcc.ts'
import { type Toolchain, type ToolchainFinder, type ToolchainName, toolchainNames } from './toolchain.ts'
import { zig } from './zig.ts'

const finders: Readonly<Record<ToolchainName, ToolchainFinder>> = { zig, gcc, clang }

/**
 * The toolchain of this name, or the first one that this machine has.
 * @throws UserError `toolchain-unknown`, `toolchain-missing`
 */
export function findToolchain(name?: string): Toolchain {
  if (name !== undefined) return findByName(name)
  for (const candidate of toolchainNames) {
    const found = finders[candidate].find()
    if (found !== undefined) return found
  }
  throw new UserError('toolchain-missing', 'no C toolchain for RISC-V was found', zig.install)
}

function findByName(name: string): Toolchain {
  const known = toolchainNames.find((candidate) => candidate === name)
  if (known === undefined)
    throw new UserError(
      'toolchain-unknown',
      `there is no toolchain ${name}`,
      `choose one of ${toolchainNames.join(', ')}`,
    )
  const found = finders[known].find()
  if (found === undefined)
    throw new UserError('toolchain-missing', `the toolchain ${name} was not found`, finders[known].install)
  return found
}
