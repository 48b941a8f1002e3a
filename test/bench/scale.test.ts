import { describe, expect, it } from 'vitest'
import { comparisonTable } from './postgres/report.ts'
import { ENGINES } from './scale/engines.ts'
import { measureEngine, OPERATIONS, type ScaleProgress } from './scale/measure.ts'
import { plot } from './scale/plot.ts'
import { fullTable, notes, replaceBetween, searchTable } from './scale/report.ts'

const TINY = { users: [3, 6], sampling: { samples: 4 }, deletions: { samples: 1 }, served: 20 }

// Where PostgreSQL is fetched and pgvector compiled first.
const FETCHING_MILLIS = 180_000

describe('measuring at scale', () => {
  it.each(Object.entries(ENGINES))(
    'fills and measures %s',
    async (name, kind) => {
      const progress: ScaleProgress[] = []
      const measured = await measureEngine(name, kind, TINY, (step) => progress.push(step))
      if ('unavailable' in measured) return console.warn(`Skipped, ${kind.title}: ${measured.unavailable}`)
      const { figures } = measured
      for (const users of TINY.users) {
        for (const operation of OPERATIONS) {
          for (const through of ['', '.bare']) {
            const [p50, p95] = ['p50', 'p95'].map(
              (percent) => figures[`scale.${name}.${users}.${operation}${through}.${percent}Millis`]!,
            )
            expect(p50).toBeGreaterThan(0)
            expect(p95).toBeGreaterThanOrEqual(p50!)
          }
        }
        expect(figures[`scale.${name}.${users}.rssBytes`]).toBeGreaterThan(1e7)
      }
      if (kind.servesEverybody) expect(figures[`scale.${name}.6.served.20.rssBytes`]).toBeGreaterThan(1e7)
      expect(progress.some(({ doing }) => doing.endsWith('6 users: filling'))).toBe(true)
      expect(fullTable(figures)).toContain(`| ${kind.title} | 6 | 10 |`)
    },
    FETCHING_MILLIS,
  )

  it('notices an engine that returns too little, or the memories of another user', async () => {
    const { open } = ENGINES['sqlite']!
    const forgetful = async () => {
      const engine = await open()
      if ('unavailable' in engine) throw new Error(engine.unavailable)
      return {
        ...engine,
        fill: (users: number, memories: number, onRows: (rows: number) => void) =>
          engine.fill(users, memories - 1, onRows),
      }
    }
    await expect(
      measureEngine('sqlite', { ...ENGINES['sqlite']!, open: forgetful }, TINY, () => undefined),
    ).rejects.toThrow('u_0 has 10 memories, but getAll() shows 9')
  })
})

describe('what is shown of it', () => {
  const figures = Object.fromEntries(
    [1000, 1_000_000].flatMap((users) => [
      [`scale.postgres.${users}.memoriesPerUser`, 10],
      [`scale.postgres.${users}.rssBytes`, 2e8],
      [`scale.postgres.${users}.search.unindexed.p50Millis`, users / 1000],
      ...OPERATIONS.flatMap((operation) => [
        [`scale.postgres.${users}.${operation}.p50Millis`, 1.5],
        [`scale.postgres.${users}.${operation}.p95Millis`, 12],
        [`scale.postgres.${users}.${operation}.ratio`, 1],
      ]),
      ...(users === 1000 ? [] : [[`scale.hosted.${users}.memoriesPerUser`, 2]]),
    ]),
  ) as Record<string, number>

  it('is a table of searches, with the store that has no index', () => {
    expect(searchTable(figures).split('\n')).toEqual([
      '| search, ms | 1,000 users | 1,000,000 users |',
      '| --- | --: | --: |',
      '| Postgres engine | 1.50 | 1.50 |',
      '| Postgres engine, no index on the user | 1.00 | 1000 |',
    ])
  })

  it('says what was not measured, and why', () => {
    const sqlite = { ...figures, 'scale.sqlite.1000.memoriesPerUser': 10 }
    expect(notes(sqlite)).toContainEqual(
      expect.stringContaining("mem0's SQLite store: not measured from 1,000,000 users on, as each search"),
    )
  })

  it('is a plot whose description says the same in words', () => {
    const svg = plot(Object.fromEntries(Object.entries(figures).filter(([name]) => !name.includes('hosted'))))
    expect(svg).toContain('Postgres engine: 1.50 ms with 1,000 users, 1.50 ms with 1,000,000.')
    expect(svg.match(/<path class="l"/g)).toHaveLength(OPERATIONS.length + 1 + 2)
    expect(svg).not.toMatch(/NaN|undefined/)
  })

  it('replaces what stands between its marks, and nothing else', () => {
    expect(replaceBetween('a\n<!-- x -->\n\nold\n\n<!-- /x -->\nb', 'x', 'new')).toBe(
      'a\n<!-- x -->\n\nnew\n\n<!-- /x -->\nb',
    )
    expect(() => replaceBetween('nothing', 'x', 'new')).toThrow('<!-- x -->')
  })

  it('is a table of engines on one server, with the ratio to mem0 before the numbers', () => {
    const names = ['search', 'getAll', 'add', 'deleteAll', 'batchDelete'].flatMap((operation) =>
      [1, 16].flatMap((concurrency) =>
        ['mem0', 'own', 'rls'].map((subject) => `postgres.1000.${operation}.${concurrency}.${subject}`),
      ),
    )
    const compared = Object.fromEntries(
      names.flatMap((name) => [
        [`${name}.perSecond`, 1234.5],
        [`${name}.p50Millis`, 0.5],
        [`${name}.p95Millis`, 12],
        [`${name}.ratio`, 2.04],
      ]),
    )
    const rows = comparisonTable(compared).split('\n')
    expect(rows).toHaveLength(2 + 5 * 2)
    expect(rows[2]).toBe(
      '| 1,000 | search | 1 | 1,235/s, 0.50 (12.0) | **2.0×** 1,235/s, 0.50 (12.0) | **2.0×** 1,235/s, 0.50 (12.0) |',
    )
  })
})
