// 200 users for a minute, or 20 for three seconds with --short. Exits with 1 when a memory leaked, was lost or was stored
// twice.
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
const { foreign, lost, duplicated, misplaced } = report
process.exitCode = foreign + lost + duplicated + misplaced > 0 ? 1 : 0
console.log(
  process.exitCode === 0
    ? 'No memory leaked, was lost or was stored twice.'
    : 'A memory leaked, was lost or was stored twice.',
)
