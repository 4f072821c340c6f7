import { CommitLog } from '../commit-log.ts'
import { readSelected, type TraceFormat } from './format.ts'

export const spike: TraceFormat = {
  name: 'spike',
  summary: "commit log in the form of Spike's --log-commits",
  needs: ['commit'],
  convert: (trace, selection, write) => {
    const log = new CommitLog(write)
    readSelected(trace, selection, { instructions: (entries) => log.instructions(entries) })
  },
}
