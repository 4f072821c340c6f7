/** A program of this folder: how it is built and what it must do. Its sources are all .c and .S files of its folder. */
export interface ProgramRow {
  readonly name: string
  /** Exit code; 0 when absent. */
  readonly exitCode?: number
  /** Built by riscv64-unknown-elf-gcc with picolibc on semihosting, instead of with the runtime. */
  readonly picolibc?: boolean
  /** Commands the SoC's accelerator. */
  readonly accelerator?: boolean
  /** Why it cannot be compared with QEMU's `virt` machine, when it cannot. */
  readonly notOnQemu?: string
}

export const programs: readonly ProgramRow[] = [
  { name: 'hello' },
  { name: 'interrupts' },
  { name: 'scheduler' },
  { name: 'uart-echo' },
  { name: 'printf', exitCode: 42, picolibc: true, notOnQemu: 'its semihosting console takes no input' },
  { name: 'nested-interrupts', notOnQemu: 'it has one UART' },
  { name: 'user-mode' },
  { name: 'virt-startup' },
  { name: 'dma-copy', accelerator: true, notOnQemu: 'it has no accelerator' },
  { name: 'conv', accelerator: true, notOnQemu: 'it has no accelerator' },
  { name: 'accelerator-error', accelerator: true, notOnQemu: 'it has no accelerator' },
  { name: 'watchdog', accelerator: true, notOnQemu: 'it has no accelerator' },
]
