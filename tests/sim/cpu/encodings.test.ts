/** Which encodings are instructions, and which: LLVM's disassembler is asked about every part of the encoding space. */
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { Decoder } from '../../../sim/cpu/decoder.ts'
import { disassemble } from '../../../sim/cpu/disassemble.ts'
import { parseIsa } from '../../../sim/cpu/isa.ts'

const EXTENSIONS = '+m,+a,+c,+zba,+zbb,+zbs'
const decoder = new Decoder(parseIsa('rv32imac_zicsr_zifencei_zba_zbb_zbs').extensions)
const CLANG = 'clang'
const OBJDUMP = 'llvm-objdump'
const missing = [CLANG, OBJDUMP].filter((tool) => spawnSync(tool, ['--version']).status !== 0)

/** Where LLVM 14 and the specification differ, and why. */
const byDesign: readonly { readonly why: string; readonly covers: (encoding: number, llvm: string) => boolean }[] = [
  {
    why: 'shift amounts of 32 and more are reserved in RV32',
    covers: (encoding, llvm) =>
      (/^(slli|srli|srai|rori|bclri|bseti|binvi|bexti)$/.test(llvm) && ((encoding >>> 25) & 1) === 1) ||
      (/^c\.(slli|srli|srai)$/.test(llvm) && ((encoding >>> 12) & 1) === 1),
  },
  {
    why: 'c.lui of 0 is reserved',
    covers: (encoding, llvm) => llvm === 'c.lui' && (encoding & 0x107c) === 0,
  },
  {
    why: 'fields of FENCE and FENCE.I that have no meaning yet are ignored',
    covers: (encoding, llvm) => llvm === '' && (encoding & 0x7f) === 0x0f && ((encoding >>> 12) & 7) <= 1,
  },
  { why: 'LLVM shows moves of floating-point registers without F', covers: (_, llvm) => /^fmv\./.test(llvm) },
  { why: 'there is no supervisor mode', covers: (_, llvm) => llvm === 'sfence.vma' },
  {
    why: 'not an instruction: defined illegal, or the conventional trap',
    covers: (_, llvm) => /^(c\.)?unimp$/.test(llvm),
  },
]

/** What compressed instructions stand for (chapter "C" of the unprivileged specification). */
const expansions: Readonly<Record<string, string>> = {
  'c.addi16sp': 'addi',
  'c.addi4spn': 'addi',
  'c.beqz': 'beq',
  'c.bnez': 'bne',
  'c.j': 'jal',
  'c.jr': 'jalr',
  'c.li': 'addi',
  'c.lwsp': 'lw',
  'c.mv': 'add',
  'c.nop': 'addi',
  'c.slli64': 'slli',
  'c.srai64': 'srai',
  'c.srli64': 'srli',
  'c.swsp': 'sw',
}

/** Our name of LLVM's instruction. */
const base = (name: string) => expansions[name] ?? name.replace(/^c\./, '').replace(/\.(aq|rl|aqrl)$/, '')

/** LLVM's text of each encoding; empty when it knows none. */
function disassembled(encodings: Uint16Array | Uint32Array): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'encodings-'))
  const [binary, source, object] = ['bin', 's', 'o'].map((kind) => join(folder, `all.${kind}`)) as [
    string,
    string,
    string,
  ]
  writeFileSync(binary, encodings)
  writeFileSync(source, `.incbin "${binary}"\n`)
  execFileSync(CLANG, ['--target=riscv32', '-march=rv32imac', '-c', source, '-o', object])
  const options = ['-d', '--no-show-raw-insn', '-M', 'no-aliases', `--mattr=${EXTENSIONS}`]
  const text = execFileSync(OBJDUMP, [...options, object], { encoding: 'utf8', maxBuffer: 1 << 28 })
  rmSync(folder, { recursive: true })
  const texts = Array.from(encodings, () => '?')
  for (const [, address, instruction] of text.matchAll(/^\s*([0-9a-f]+):\s+(.*)$/gm)) {
    const known = instruction!
      .replace(/\s+/g, ' ')
      .replace(/ <\..*>$/, '')
      .trimEnd()
    texts[Number.parseInt(address!, 16) / encodings.BYTES_PER_ELEMENT] = known === '<unknown>' ? '' : known
  }
  return texts
}

/** Encodings that are taken for something else here than by LLVM, other than by design. */
function differences(encodings: Uint16Array | Uint32Array): string[] {
  const texts = disassembled(encodings)
  const found: string[] = []
  encodings.forEach((encoding, index) => {
    const [llvm = ''] = texts[index]!.split(' ')
    const ours = decoder.decode(encoding | 0)?.row.name ?? ''
    if (ours === base(llvm) || byDesign.some(({ covers }) => covers(encoding, llvm))) return
    found.push(`${encoding.toString(16)}: ${ours || 'nothing'}, LLVM ${llvm || 'nothing'}`)
  })
  return found
}

/** Instructions, at their places in the list, that are written in another way here than by LLVM. */
function textDifferences(encodings: Uint32Array): string[] {
  const llvm = disassembled(encodings)
  return [...encodings].flatMap((encoding, index) => {
    const ours = disassemble(encoding, 4 * index)
    // Which fence it is makes no difference here. Control registers that one of both does not know are numbers.
    if (ours === undefined || ours === 'fence' || /, (0x[0-9a-f]+|tinfo|tcontrol), /.test(ours)) return []
    if (llvm[index] === '' || llvm[index] === 'unimp') return []
    return ours === llvm[index] ? [] : [`${ours}, LLVM ${llvm[index]}`]
  })
}

function* words(): Generator<number> {
  const registers = [0, 1, 2, 4, 5, 7, 24, 31].map((rs2) => (rs2 << 20) | (5 << 15) | (6 << 7))
  for (let opcode = 3; opcode < 0x80; opcode += 4) {
    // Lengths over 32 bits are reserved.
    if ((opcode & 0x1f) === 0x1f) continue
    for (let funct3 = 0; funct3 < 8; funct3++) {
      for (let funct7 = 0; funct7 < 0x80; funct7++) {
        for (const fields of [0, ...registers, 0x01ff_8f80]) yield (funct7 << 25) | fields | (funct3 << 12) | opcode
      }
    }
  }
}

describe.skipIf(missing.length > 0)(`as LLVM disassembles them (${missing.join(', ') || 'nothing'} is missing)`, () => {
  it('all half-words', () => {
    const halves = Uint16Array.from({ length: 0x1_0000 }, (_, encoding) => encoding).filter((half) => (half & 3) !== 3)
    expect(halves.length).toBe(49_152)
    expect(differences(halves)).toEqual([])
  })

  it('words of every opcode, function code and kind of register', () => {
    expect(differences(Uint32Array.from(words()))).toEqual([])
  })

  it('operands of words, by the names of registers', () => {
    expect(textDifferences(Uint32Array.from(words()))).toEqual([])
  })
})
