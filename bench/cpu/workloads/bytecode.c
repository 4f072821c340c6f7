/* A bytecode interpreter: a switch in a loop, running a program that counts primes. */
#include "workload.h"

enum { PUSH, LOAD, STORE, ADD, MOD, LESS, JUMP_ZERO, JUMP, INCREMENT, HALT };
enum { LIMIT = 200 };

/* a: candidate, b: divisor, c: count */
static const uint8_t program[] = {
    PUSH, 2, STORE, 0,                                   /*  0: a = 2 */
    LOAD, 0, PUSH, LIMIT, LESS, JUMP_ZERO, 40,           /*  4: while (a < LIMIT) */
    PUSH, 2, STORE, 1,                                   /* 11:   b = 2 */
    LOAD, 1, LOAD, 0, LESS, JUMP_ZERO, 34,               /* 15:   while (b < a) */
    LOAD, 0, LOAD, 1, MOD, JUMP_ZERO, 36,                /* 22:     if (a % b == 0) goto next */
    INCREMENT, 1, JUMP, 15, HALT,                        /* 29:     b++ */
    INCREMENT, 2,                                        /* 34:   c++ */
    INCREMENT, 0, JUMP, 4,                               /* 36: next: a++ */
    HALT,                                                /* 40 */
};

static uint32_t run(const uint8_t *code)
{
  uint32_t stack[16], variables[3] = {0};
  uint32_t *top = stack;
  for (const uint8_t *pc = code;;) {
    switch (*pc++) {
    case PUSH: *top++ = *pc++; break;
    case LOAD: *top++ = variables[*pc++]; break;
    case STORE: variables[*pc++] = *--top; break;
    case ADD: top--; top[-1] += top[0]; break;
    case MOD: top--; top[-1] %= top[0]; break;
    case LESS: top--; top[-1] = top[-1] < top[0]; break;
    case JUMP_ZERO: pc = *--top == 0 ? code + *pc : pc + 1; break;
    case JUMP: pc = code + *pc; break;
    case INCREMENT: variables[*pc++]++; break;
    default: return variables[2];
    }
  }
}

uint32_t workload(uint32_t rounds)
{
  uint32_t hash = 0;
  for (uint32_t round = 0; round < rounds; round++) hash = mix(hash, run(program));
  return hash;
}
