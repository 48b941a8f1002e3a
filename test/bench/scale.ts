// Fills each engine with more and more users and measures what a call takes.
//     pnpm bench:scale                    1k, 10k, 100k and 1M users; half an hour, 20 GB of disk
//     pnpm bench:scale postgres sqlite    these engines; the figures of the others stay as they were
//     pnpm bench:scale --short            100 and 1,000 users; under a minute, printed only
//     pnpm bench:scale --draw             table and plot again, from the figures there are
import { fork } from 'node:child_process'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { availableParallelism, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { SingleBar } from 'cli-progress'
import { format, resolveConfig } from 'prettier'
import type { FromEngineProcess, ToEngineProcess } from './scale/engine-process.ts'
import { ENGINES } from './scale/engines.ts'
import type { ScaleMeasurements, ScaleOptions } from './scale/measure.ts'
import { plot } from './scale/plot.ts'
import { fullTable, notes, replaceBetween, searchTable, type Figures } from './scale/report.ts'

// Read by mem0ai while it loads, in the processes that are started below.
process.env['MEM0_TELEMETRY'] = 'false'

const FULL: ScaleOptions = {
  users: [1000, 10_000, 100_000, 1_000_000],
  sampling: { samples: 2000, maxMillis: 15_000 },
  deletions: { samples: 100, maxMillis: 10_000 },
  served: 1_000_000,
}
const SHORT: ScaleOptions = {
  users: [100, 1000],
  sampling: { samples: 40, maxMillis: 800 },
  deletions: { samples: 6, maxMillis: 500 },
  served: 2000,
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { short: { type: 'boolean', default: false }, draw: { type: 'boolean', default: false } },
})
const unknown = positionals.filter((name) => !Object.hasOwn(ENGINES, name))
if (unknown.length > 0) {
  console.error(`There is no engine ${unknown.join(', ')}. There are: ${Object.keys(ENGINES).join(', ')}.`)
  process.exit(1)
}

const results = join(root, 'test/bench/scale.json')
const kept =
  values.short || !existsSync(results) ? {} : (JSON.parse(readFileSync(results, 'utf8')) as Figures)
const chosen = values.draw ? [] : positionals.length > 0 ? positionals : Object.keys(ENGINES)
const bar = new SingleBar({ format: '{bar} {percentage}% {doing}', hideCursor: true, clearOnComplete: true })
let figures: Figures = kept
for (const engine of chosen) {
  const measured = await measureInProcess(engine, values.short ? SHORT : FULL)
  if ('unavailable' in measured) {
    console.log(`${ENGINES[engine]!.title} was left out. ${measured.unavailable}`)
    continue
  }
  const others = Object.entries(figures).filter(([name]) => !name.startsWith(`scale.${engine}.`))
  figures = { ...Object.fromEntries(others), ...measured.figures, ...machine() }
  if (!values.short) save(figures)
}
console.log(`\n${fullTable(figures)}\n`)
for (const note of notes(figures)) console.log(note)
console.log(`Median (95th percentile) in milliseconds, through ScopedMemory. ${machineInWords(figures)}`)
if (!values.short) await publish(figures)

/** Each engine in a process of its own, which the progress bar follows. */
function measureInProcess(engine: string, options: ScaleOptions): Promise<ScaleMeasurements> {
  return new Promise((resolve, reject) => {
    const child = fork(new URL('scale/engine-process.ts', import.meta.url))
    bar.start(1, 0, { doing: ENGINES[engine]!.title })
    let doing = ''
    child.on('message', (message: FromEngineProcess) => {
      if (!('progress' in message)) return resolve(message)
      const { progress } = message
      // One line each where the output is a file.
      if (!process.stdout.isTTY && progress.doing !== doing) console.log(`${progress.doing} …`)
      doing = progress.doing
      bar.setTotal(progress.of)
      bar.update(progress.done, { doing })
    })
    child.once('close', (code) => {
      bar.stop()
      reject(new Error(`Measuring ${engine} ended with ${code}.`))
    })
    child.send({ engine, options } satisfies ToEngineProcess)
  })
}

function machine(): Figures {
  return {
    'scale.machine.cores': availableParallelism(),
    'scale.machine.memoryGiB': Math.round(totalmem() / 2 ** 30),
    'scale.machine.nodeMajor': Number(process.versions.node.split('.')[0]),
  }
}

function machineInWords(figures: Figures): string {
  return (
    `Measured on ${figures['scale.machine.cores']} cores and ${figures['scale.machine.memoryGiB']} GiB, ` +
    `with Node ${figures['scale.machine.nodeMajor']}, by \`pnpm bench:scale\`.`
  )
}

function save(figures: Figures): void {
  const sorted = Object.entries(figures).sort(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  const rounded = sorted.map(([name, value]) => [name, Number(value.toPrecision(6))])
  writeFileSync(results, `${JSON.stringify(Object.fromEntries(rounded), null, 2)}\n`)
}

/** The plot, the full table in docs/scaling.md and the short one in README.md. */
async function publish(figures: Figures): Promise<void> {
  const svg = join(root, 'docs/images/scale.svg')
  writeFileSync(svg, plot(figures))
  const said = [...notes(figures), machineInWords(figures)].join(' ')
  const tables = [
    ['docs/scaling.md', `${fullTable(figures)}\n\n${said}`],
    ['README.md', `${searchTable(figures)}\n\n${said}`],
  ] as const
  for (const [page, content] of tables) {
    const file = join(root, page)
    const text = replaceBetween(readFileSync(file, 'utf8'), 'scale', content)
    writeFileSync(file, await format(text, { ...(await resolveConfig(file)), filepath: file }))
  }
  console.log(
    `Written: test/bench/scale.json, docs/images/scale.svg, the tables of docs/scaling.md and README.md.`,
  )
}
