// Measures the Postgres engine against mem0's own provider, on one server in one run.
//     pnpm bench:postgres           1k, 10k, 100k and 1M users; a quarter of an hour, 30 GB of disk
//     pnpm bench:postgres 1000 10000   so many users only
//     pnpm bench:postgres --short   1,000 users; two minutes, printed only
import { readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { format, resolveConfig } from 'prettier'
import { replaceBetween } from './scale/report.ts'
import type { PostgresBenchOptions } from './postgres/measure.ts'
import { comparisonTable } from './postgres/report.ts'

// Read by mem0ai while it loads.
process.env['MEM0_TELEMETRY'] = 'false'
const { openSubjects } = await import('./postgres/subjects.ts')
const { measurePostgres } = await import('./postgres/measure.ts')

const chosen = process.argv
  .slice(2)
  .map(Number)
  .filter((users) => users > 0)
const FULL: PostgresBenchOptions = {
  steps: (chosen.length > 0 ? chosen : [1000, 10_000, 100_000, 1_000_000]).map((users) => ({
    users,
    memories: 5,
  })),
  rounds: 7,
  calls: 200,
  deletions: 8,
}
const SHORT: PostgresBenchOptions = {
  steps: [{ users: 1000, memories: 5 }],
  rounds: 5,
  calls: 100,
  deletions: 4,
}

const short = process.argv.includes('--short')
const subjects = await openSubjects()
if ('unavailable' in subjects) {
  console.error(subjects.unavailable)
  process.exit(1)
}
await using opened = subjects
const figures = await measurePostgres(opened, short ? SHORT : FULL, (doing) => console.log(doing))
const machine = `Measured on ${availableParallelism()} cores, which the server shared, and ${Math.round(totalmem() / 2 ** 30)} GiB, with Node ${process.versions.node.split('.')[0]}, by \`pnpm bench:postgres\`.`
const table = comparisonTable(figures)
console.log(`\n${table}\n\n${machine}`)
if (!short) {
  const root = fileURLToPath(new URL('../..', import.meta.url))
  const rounded = Object.entries(figures).map(([name, value]) => [name, Number(value.toPrecision(4))])
  writeFileSync(
    join(root, 'test/bench/postgres.json'),
    `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`,
  )
  const page = join(root, 'docs/scaling.md')
  const text = replaceBetween(readFileSync(page, 'utf8'), 'postgres', `${table}\n\n${machine}`)
  writeFileSync(page, await format(text, { ...(await resolveConfig(page)), filepath: page }))
}
