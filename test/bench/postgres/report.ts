import { millis, thousands, type Figures } from '../scale/report.ts'
import { CONCURRENCIES, OPERATIONS, SUBJECTS } from './names.ts'

/** What each engine does in a second, as Markdown: with its ratio to mem0's own, and how long a call takes. */
export function comparisonTable(figures: Figures): string {
  const steps = [
    ...new Set(Object.keys(figures).flatMap((name) => /^postgres\.(\d+)\./.exec(name)?.[1] ?? [])),
  ].map(Number)
  const head = ['users', 'call', 'at once', ...Object.values(SUBJECTS)]
  const rows = steps.flatMap((users) =>
    OPERATIONS.flatMap((operation) =>
      CONCURRENCIES.map((concurrency) => [
        thousands(users),
        operation === 'batchDelete' ? 'batchDelete of 100' : operation,
        String(concurrency),
        ...Object.keys(SUBJECTS).map((subject) => {
          const figure = (name: string) =>
            figures[`postgres.${users}.${operation}.${concurrency}.${subject}.${name}`]!
          const ratio = subject === 'mem0' ? '' : `**${figure('ratio').toFixed(1)}×** `
          return `${ratio}${thousands(Math.round(figure('perSecond')))}/s, ${millis(figure('p50Millis'))} (${millis(figure('p95Millis'))})`
        }),
      ]),
    ),
  )
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`
  return [line(head), line(head.map((_, index) => (index < 2 ? '---' : '--:'))), ...rows.map(line)].join('\n')
}
