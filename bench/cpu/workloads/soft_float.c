/* Floating point in software: the n-body step of a toy solar system, and a polynomial. */
#include "workload.h"

enum { BODIES = 4 };

static float position[BODIES][2], velocity[BODIES][2];

static void step(float time)
{
  for (int i = 0; i < BODIES; i++)
    for (int j = 0; j < BODIES; j++) {
      if (i == j) continue;
      const float dx = position[j][0] - position[i][0], dy = position[j][1] - position[i][1];
      const float pull = time / (dx * dx + dy * dy + 0.5f);
      velocity[i][0] += dx * pull;
      velocity[i][1] += dy * pull;
    }
  for (int i = 0; i < BODIES; i++) {
    position[i][0] += velocity[i][0] * time;
    position[i][1] += velocity[i][1] * time;
  }
}

uint32_t workload(uint32_t rounds)
{
  uint32_t state = 5, hash = 0;
  for (int i = 0; i < BODIES; i++)
    for (int axis = 0; axis < 2; axis++) {
      position[i][axis] = (float)(int32_t)(next_random(&state) >> 24) / 64.0f;
      velocity[i][axis] = 0.0f;
    }
  for (uint32_t round = 0; round < rounds; round++) {
    step(0.0078125f);
    hash = mix(hash, (uint32_t)(int32_t)(position[round % BODIES][0] * 1024.0f));
  }
  return hash;
}
