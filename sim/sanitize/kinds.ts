/** Every kind of finding. `docs/sanitizer.md` explains each. */
export const kinds = {
  // Order between units, and between the accelerator and the hart
  'unordered-read': 'a unit may read before another unit has written',
  'buffer-reused-early': 'a unit may overwrite what another unit still reads',
  'unordered-write': 'two units write the same bytes in either order',
  'output-read-early': 'the hart reads what the accelerator may not have written yet',
  'input-changed-early': 'the hart writes what the accelerator may still read',
  'output-overwritten': 'the hart and the accelerator write the same bytes in either order',
  'stack-left-early': 'a function returns while the accelerator may still use its local variables',
  'descriptor-changed': 'the hart changes a command that the accelerator owns',
  'doorbell-without-fence': 'no fence instruction between stores and the doorbell that publishes them',
  'completion-without-fence': 'no fence instruction between learning of completion and reading the output',
  // Contents
  'uninitialised-scratchpad': 'a command reads scratchpad bytes that nobody has written',
  'uninitialised-ram': 'a command reads RAM bytes that nobody has written',
  'uninitialised-load': 'the hart uses a value that nobody has written',
  'uninitialised-command': 'a ring slot is fetched that nobody has written',
  'stale-read': 'a command reads what another tile, layer or run left behind',
  'outside-tensor': 'a command leaves the tensors and pieces of scratchpads that it is for',
  'output-incomplete': 'a layer ends without having written all of its output',
  'outside-object': 'a command leaves the variable in which it began',
  'outside-scratchpad': 'a command or the hart leaves a scratchpad',
  // Tokens and the ring
  'surplus-token': 'a token is given that no command takes',
  'missing-token': 'a command waits for a token that never comes',
  'token-overflow': 'more tokens are given than the hardware counts',
  'ring-overrun': 'the doorbell promises more commands than the ring has slots',
  'ring-moved-while-busy': 'the ring is set up anew while the accelerator works',
  'ring-misaligned': 'the ring is put where no command can begin',
  'error-ignored': 'work goes on although the accelerator has stopped at an error',
  'exit-while-busy': 'the program ends without knowing that the accelerator is done',
  'reserved-command-bits': 'a command has reserved bits set',
  // Registers
  'unknown-register': 'there is no register at this offset',
  'write-read-only': 'a read-only register is written',
  'read-write-only': 'a write-only register is read',
  'register-width': 'a register is accessed with another width than its own',
  'reserved-register-bits': 'a register is written with reserved bits set',
  // Interrupts
  'interrupt-not-claimed': 'an external interrupt was taken but never claimed',
  'interrupt-not-completed': 'an interrupt was claimed but never completed',
  'interrupt-not-served': 'an interrupt was completed but its device was never looked at',
  'interrupt-cleared-unseen': 'an interrupt is cleared that nobody has read',
  'lost-wakeup': 'an interrupt between the check and wfi is slept through',
  'wfi-forever': 'wfi with nothing that could wake it',
  'timer-fires-early': 'a half-written mtimecmp lies in the past',
  // Memory and code
  'stack-overflow': 'the stack grows out of its place',
  'write-to-constant': 'constant data or code is overwritten',
  'jump-into-data': 'data is executed',
  'missing-fence-i': 'freshly written code is executed without fence.i',
} as const
export type Kind = keyof typeof kinds
