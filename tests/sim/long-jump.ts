/** setjmp and longjmp by other names, and the register through which the latter goes back. */
export const jumps = (register: string) => ({
  'jump.S': `
      .globl set_jump
      .type set_jump, @function
    set_jump:
      sw ra, 0(a0)
      sw sp, 4(a0)
      sw s0, 8(a0)
      sw s1, 12(a0)
      li a0, 0
      ret
      .size set_jump, . - set_jump
      .globl long_jump
      .type long_jump, @function
    long_jump:
      lw ${register}, 0(a0)
      lw sp, 4(a0)
      lw s0, 8(a0)
      lw s1, 12(a0)
      mv a0, a1
      jr ${register}
      .size long_jump, . - long_jump
  `,
})

/** What C needs to use them, with a place to go back to. */
export const jumpPrototypes = `
  int set_jump(int *) __attribute__((returns_twice));
  void long_jump(int *, int) __attribute__((noreturn));
  static int place[4];`
