// Two hundred users for a minute; a few for seconds with --short. Ends with 1 where one saw, lost or doubled a memory.
import { parseArgs } from 'node:util'
import { soak } from './soak.ts'

const { values } = parseArgs({
  options: { short: { type: 'boolean', default: false }, mistake: { type: 'string' } },
})
const report = await soak({
  ...(values.short
    ? { users: 20, seconds: 3, faultEveryMillis: 40 }
    : { users: 200, seconds: 60, faultEveryMillis: 20 }),
  ...(values.mistake !== undefined && { mistake: values.mistake }),
})
const { statuses, faults, ...counts } = report
console.table(counts)
console.table({ statuses })
console.table(faults)
const { foreign, lost, twice, misplaced } = report
process.exitCode = foreign + lost + twice + misplaced > 0 ? 1 : 0
console.log(
  process.exitCode === 0
    ? 'Nothing leaked, was lost or was doubled.'
    : 'A memory leaked, was lost or was doubled.',
)
