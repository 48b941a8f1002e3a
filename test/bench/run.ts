// Runs the benchmarks beside this file and writes test/bench/results.json: flat names to numbers.
//     pnpm bench          all of them
//     pnpm bench core     core.bench.ts only; the other figures are kept
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'

/** What each `*.bench.ts` exports as `bench`. */
export type Bench = () => Promise<Record<string, number>>

// mem0ai reads it while it loads, which is after this line.
process.env['MEM0_TELEMETRY'] = 'false'

const results = join(import.meta.dirname, 'results.json')
const chosen = process.argv.slice(2)
const names = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''))
const unknown = chosen.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`There is no benchmark ${unknown.join(', ')}. There are: ${names.join(', ')}.`)
  process.exit(1)
}

const figures = existsSync(results)
  ? (JSON.parse(readFileSync(results, 'utf8')) as Record<string, number>)
  : {}
for (const name of names.filter((each) => chosen.length === 0 || chosen.includes(each))) {
  console.log(`${name} …`)
  const { bench } = (await import(`./${name}.bench.ts`)) as { bench: Bench }
  const measured = await bench()
  const width = Math.max(...Object.keys(measured).map(({ length }) => length))
  for (const [figure, value] of Object.entries(measured))
    console.log(`  ${figure.padEnd(width)}  ${round(value)}`)
  Object.assign(figures, measured)
}
const sorted = Object.entries(figures).sort(([a], [b]) => (a < b ? -1 : 1))
writeFileSync(
  results,
  `${JSON.stringify(Object.fromEntries(sorted.map(([name, value]) => [name, round(value)])), null, 2)}\n`,
)
console.log(
  `\nNode ${process.version}, ${availableParallelism()} cores, ${Math.round(totalmem() / 2 ** 30)} GiB. Ratios are within one run; written to ${results}`,
)
process.exit(0)

function round(value: number): number {
  return Number(value.toPrecision(4))
}
