import { readFileSync } from 'node:fs'

/** The block of SQL under a heading of a page in `docs`. */
export function sqlOf(page: string, heading: string): string {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8')
  const start = text.indexOf(`\n${heading}\n`)
  if (start < 0) throw new Error(`docs/${page} has no heading "${heading}".`)
  const section = text.slice(start + 1).split(/\n(?=##? )/)[0]!
  const block = /^```sql\n(.*?)^```$/ms.exec(section)
  if (block === null) throw new Error(`docs/${page} has no SQL under "${heading}".`)
  return block[1]!
}
