// 200 users for a minute, or 20 for three seconds with --short: over the hosted API, or with --postgres over a Postgres
// server, with --row-level-security too. Exits with 1 when a memory leaked, was lost, was stored twice or in part, or was
// stored although its write was said to have failed.
import { parseArgs } from 'node:util'
import { platformBackend } from './platform-backend.ts'
import { postgresBackend } from './postgres-backend.ts'
import { soak } from './soak.ts'

const { values } = parseArgs({
  options: {
    short: { type: 'boolean', default: false },
    postgres: { type: 'boolean', default: false },
    'row-level-security': { type: 'boolean', default: false },
    mistake: { type: 'string' },
  },
})
const { postgres, 'row-level-security': rowLevelSecurity } = values
const backend =
  postgres || rowLevelSecurity ? await postgresBackend({ rowLevelSecurity }) : await platformBackend()
if ('unavailable' in backend) throw new Error(backend.unavailable)
const report = await soak({
  backend,
  ...(values.short
    ? { users: 20, seconds: 3, faultEveryMillis: 40 }
    : { users: 200, seconds: 60, faultEveryMillis: postgres || rowLevelSecurity ? 100 : 20 }),
  ...(values.mistake !== undefined && { mistake: values.mistake }),
})
const { statuses, faults, ...counts } = report
console.table(counts)
console.table({ statuses })
console.table(faults)
const { foreign, lost, duplicated, misplaced, denied, torn } = report
process.exitCode = foreign + lost + duplicated + misplaced + denied + torn > 0 ? 1 : 0
console.log(
  process.exitCode === 0
    ? 'No memory leaked, was lost or was stored twice, in part or unsaid.'
    : 'A memory leaked, was lost or was stored twice, in part or unsaid.',
)
