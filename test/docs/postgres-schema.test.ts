import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { postgresSchema } from '@scoped-memory/core/postgres'
import { expect, it } from 'vitest'

const flat = (sql: string): string => sql.replaceAll(/\s+/g, ' ').trim()

it('the policy of docs/back-ends.md is the one that setUpPostgres makes', () => {
  const page = readFileSync(join(import.meta.dirname, '../../docs/back-ends.md'), 'utf8')
  const shown = [...page.matchAll(/^```sql\n(.*?)^```$/gms)]
    .flatMap(([, block]) => block!.split(';'))
    .map(flat)
    .filter((statement) => statement.includes('scoped_memories'))
  const made = flat(postgresSchema({ dimensions: 1536, rowLevelSecurity: true }))
  expect(shown).toHaveLength(2)
  for (const statement of shown) expect(made).toContain(statement)
})
