import { ENGINES } from './engines.ts'
import { OPERATIONS } from './measure.ts'

export type Figures = Readonly<Record<string, number>>

/** The numbers of users that anything was measured with, smallest first. */
export function stepsOf(figures: Figures): number[] {
  const steps = Object.keys(figures).flatMap((name) => /^scale\.\w+\.(\d+)\./.exec(name)?.[1] ?? [])
  return [...new Set(steps)].map(Number).sort((a, b) => a - b)
}

/** Every figure of every engine, as Markdown. */
export function fullTable(figures: Figures): string {
  const head = ['', 'users', 'memories of each', ...OPERATIONS, 'search ÷ bare', 'memory of the process']
  const rows = Object.entries(ENGINES).flatMap(([name, { title }]) =>
    stepsOf(figures).flatMap((users) => {
      const figure = figureOf(figures, name, users)
      const memories = figure('memoriesPerUser')
      if (memories === undefined) return []
      const server = figure('server.rssBytes')
      return [
        [
          title,
          thousands(users),
          String(memories),
          ...OPERATIONS.map(
            (operation) =>
              `${millis(figure(`${operation}.p50Millis`)!)} (${millis(figure(`${operation}.p95Millis`)!)})`,
          ),
          figure('search.ratio')!.toFixed(3),
          `${megabytes(figure('rssBytes')!)}${server === undefined ? '' : ` (server ${megabytes(server)})`}`,
        ],
      ]
    }),
  )
  return markdown(head, rows)
}

/** How long a search takes, an engine a row. */
export function searchTable(figures: Figures): string {
  const steps = stepsOf(figures)
  const rows = Object.entries(ENGINES).flatMap(([name, { title }]) => {
    const cells = (suffix: string): string[] =>
      steps.map((users) => {
        const value = figureOf(figures, name, users)(suffix)
        return value === undefined ? '—' : millis(value)
      })
    const unindexed = cells('search.unindexed.p50Millis')
    return [
      [title, ...cells('search.p50Millis')],
      ...(unindexed.some((cell) => cell !== '—') ? [[`${title}, no index on the user`, ...unindexed]] : []),
    ].filter(([, ...values]) => values.some((cell) => cell !== '—'))
  })
  return markdown(['search, ms', ...steps.map((users) => `${thousands(users)} users`)], rows)
}

/** What was not measured, or with fewer memories, and why. */
export function notes(figures: Figures): string[] {
  const steps = stepsOf(figures)
  return Object.entries(ENGINES).flatMap(([name, { title, memoriesFor }]) => {
    if (!Object.keys(figures).some((figure) => figure.startsWith(`scale.${name}.`))) return []
    const most = Math.max(...steps.map((users) => figureOf(figures, name, users)('memoriesPerUser') ?? 0))
    const refused = steps.filter((users) => typeof memoriesFor(users) === 'string')
    const fewer = steps.flatMap((users) => {
      const measured = figureOf(figures, name, users)('memoriesPerUser')
      return measured === undefined || measured === most
        ? []
        : [`${title}: of ${thousands(users)} users, each has ${measured} instead of ${most} memories.`]
    })
    return refused.length === 0
      ? fewer
      : [
          ...fewer,
          `${title}: not measured from ${thousands(refused[0]!)} users on, as ${memoriesFor(refused[0]!)}.`,
        ]
  })
}

/** The text with what stands between `<!-- name -->` and `<!-- /name -->` replaced. */
export function replaceBetween(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- ${name} -->`, `<!-- /${name} -->`]
  const [from, to] = [text.indexOf(begin), text.indexOf(end)]
  if (from < 0 || to < from) throw new Error(`There is no ${begin} … ${end} in the text.`)
  return `${text.slice(0, from + begin.length)}\n\n${content}\n\n${text.slice(to)}`
}

export function figureOf(
  figures: Figures,
  engine: string,
  users: number,
): (name: string) => number | undefined {
  return (name) => figures[`scale.${engine}.${users}.${name}`]
}

export function millis(value: number): string {
  return value >= 100 ? value.toFixed(0) : value >= 10 ? value.toFixed(1) : value.toFixed(2)
}

export function thousands(value: number): string {
  return value.toLocaleString('en')
}

function megabytes(bytes: number): string {
  return `${thousands(Math.round(bytes / 1e6))} MB`
}

function markdown(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index === 0 ? '---' : '--:'))), ...rows.map(line)].join(
    '\n',
  )
}
