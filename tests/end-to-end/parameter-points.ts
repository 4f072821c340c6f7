const sweeps = {
  rows: [4, 8, 32, 64],
  columns: [4, 8, 32, 64],
  activationKiB: [4, 8, 16, 128],
  weightKiB: [4, 8, 16, 128],
  accumulatorKiB: [1, 4],
  lanes: [4, 64],
  dmaBytesPerCycle: [4, 64],
  dmaBurstBytes: [16],
  dmaLatency: [0, 200],
  dmaChannels: [1],
  queueDepth: [1, 2],
  clockDivider: [3],
} as const

/** Accelerators of other sizes, each other in one parameter: `rows=4`. */
export const parameterPoints = Object.entries(sweeps).flatMap(([name, values]) =>
  values.map((value) => `${name}=${value}`),
)
