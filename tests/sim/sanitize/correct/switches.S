# void switch_by_x(uint32_t **from, uint32_t **to): goes on with another stack, in every way to set a stack pointer.

  .macro save
  addi sp, sp, -64
  sw ra, 0(sp)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  sw s\n, 4 + 4 * \n(sp)
  .endr
  sw sp, 0(a0)
  .endm

  .macro resume
  lw ra, 0(sp)
  .irp n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
  lw s\n, 4 + 4 * \n(sp)
  .endr
  addi sp, sp, 64
  ret
  .endm

  .macro switch name
  .section .text.\name, "ax", @progbits
  .globl \name
  .type \name, @function
\name:
  .endm

  switch switch_by_load
  save
  lw sp, 0(a1)
  resume

  switch switch_by_move
  save
  lw a1, 0(a1)
  mv sp, a1
  resume

  switch switch_by_frame_pointer
  save
  lw s0, 0(a1)
  mv sp, s0
  resume

  switch switch_by_offset
  save
  lw s0, 0(a1)
  addi s0, s0, -16
  addi sp, s0, 16
  resume

  switch switch_by_distance
  save
  lw a1, 0(a1)
  sub t0, a1, sp
  add sp, sp, t0
  resume

  switch switch_by_register
  save
  lw a1, 0(a1)
  csrw mscratch, a1
  csrrw sp, mscratch, sp
  resume
