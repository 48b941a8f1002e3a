import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import { Linter } from 'eslint'
import { describe, expect, test } from 'vitest'
import plugin, { type KnownClient } from '../../src/index.ts'
import { knownClients } from '../../src/clients/known/index.ts'

const folder = join(import.meta.dirname, 'fixtures')
const names = Object.keys(knownClients) as KnownClient[]
/** What of a general database belongs to users, where the types are not there to tell. */
const tables: Partial<Record<KnownClient, readonly string[]>> = {
  drizzle: ['memories', 'threads'],
  prisma: ['memory', 'thread'],
  redis: ['chat:*'],
  supabase: ['memories'],
}
const fileOf = (name: string): string =>
  `${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}.ts`

/** A report, as the end of its line announces it: `// MissingUser: index.query -> what the message says`. */
type Report = readonly [line: number, messageId: string, text: string]

function announced(code: string): { readonly reports: Report[]; readonly says: Map<number, string> } {
  const says = new Map<number, string>()
  const reports = code.split('\n').flatMap((line, index): Report[] => {
    const [, id, text, message] = /\/\/ (\w+): (.+?)(?: -> (.+))?$/.exec(line) ?? []
    if (!id || !text) return []
    if (message) says.set(index + 1, message)
    return [[index + 1, /^[A-Z]/.test(id) ? `client${id}` : id, text]]
  })
  return { reports, says }
}

function reported(
  name: KnownClient,
  rule: string,
  clients: readonly unknown[],
  code = readFileSync(join(folder, fileOf(name)), 'utf8'),
): Linter.LintMessage[] {
  const file = join(folder, fileOf(name))
  const typed = rule.endsWith('typed')
  const strict = rule.startsWith('require') ? [{ allowUnverifiable: false }] : []
  return new Linter({ cwd: folder }).verify(
    code,
    [
      {
        files: ['**/*.ts'],
        languageOptions: {
          parser,
          parserOptions: typed ? { projectService: true, tsconfigRootDir: folder } : {},
        },
        plugins: { 'scoped-memory': plugin },
        settings: { 'scoped-memory': { clients } },
        rules: {
          [`scoped-memory/${rule}`]: ['error', ...strict],
          'scoped-memory/no-untrusted-user-id': 'error',
          'scoped-memory/no-fallback-user-id': 'error',
        },
      },
    ],
    file,
  )
}

test('there is a file of calls for each client', () => {
  expect(readdirSync(folder).filter((file) => file.endsWith('.ts'))).toEqual(names.map(fileOf).sort())
})

describe.each(names)('%s', (name) => {
  const code = readFileSync(join(folder, fileOf(name)), 'utf8')
  const lines = code.split('\n')
  const { reports, says } = announced(code)

  test.each(['require-user-scope', 'require-user-scope-typed'])('%s reports the calls marked', (rule) => {
    const messages = reported(name, rule, [
      name in tables ? { ...knownClients[name], tables: tables[name] } : name,
    ])
    const found = messages.map(({ line, column, endColumn, messageId }): Report => {
      return [line, messageId ?? '', lines[line - 1]!.slice(column - 1, (endColumn ?? column) - 1)]
    })
    expect(found).toEqual(reports)
    for (const { line, message } of messages) expect(message).toContain(says.get(line) ?? '')
  })

  test('nothing is reported while it is not named', () => {
    expect(reported(name, 'require-user-scope', [])).toEqual([])
  })
})

test('a part of a client that comes from another file is known by what led to it, or by its type', () => {
  const code = `import { index, Notes, notesOf, own } from './pinecone.ts'
await index.query({ vector: [], topK: 3 })
await own.query({ vector: [], topK: 3 })
await notesOf('u').query({ vector: [], topK: 3 })
await new Notes(own).injected.query({ vector: [], topK: 3 })
await index.namespace('u').describeIndexStats()
export const anyone = (req: { body: { userId: string } }) => index.namespace(req.body.userId).query({ vector: [], topK: 3 })
import type { Index } from '@pinecone-database/pinecone'
export const recall = (given: Index) => given.query({ vector: [], topK: 3 })
`
  const found = reported('qdrant', 'require-user-scope-typed', ['pinecone'], code)
  expect(found.map(({ line, messageId, message }) => [line, messageId ?? message])).toEqual([
    [2, 'clientMissingUser'],
    [5, 'clientMissingUser'],
    [7, 'untrusted'],
    [9, 'clientUnverifiable'],
  ])
})

test('a part that nothing binds to a user on the way is judged where only its type is known', () => {
  const code = `import type { ZepClient } from '@getzep/zep-cloud'
export const recall = (held: { graph: ZepClient['graph'] }) => held.graph.search({ query: 'food' })
`
  const found = reported('zep', 'require-user-scope-typed', ['zep'], code)
  expect(found.map(({ line, messageId, message }) => [line, messageId ?? message])).toEqual([
    [2, 'clientMissingUser'],
  ])
})
