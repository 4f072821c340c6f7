/** Processor time that an action takes in this process: what else runs on the machine matters less to it. */
export function cpuSeconds(action: () => void): number {
  const begin = process.cpuUsage()
  action()
  const { user, system } = process.cpuUsage(begin)
  return (user + system) / 1e6
}

export const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!
