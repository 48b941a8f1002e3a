import { join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import { Linter } from 'eslint'
import { describe, expect, test } from 'vitest'
import plugin, { clients } from '../../src/index.ts'
import { typedFolder } from '../rule-tester.ts'

/** Every client, by its name where that is enough. */
const named = Object.keys(clients).map((name) =>
  name === 'redis' ? { ...clients.redis, tables: ['*'] } : name,
)

/** What the rules say of a snippet, with every client of the plugin named. */
function reported(code: string, rule: string): readonly unknown[] {
  const parserOptions = rule.endsWith('typed') ? { projectService: true, tsconfigRootDir: typedFolder } : {}
  return new Linter({ cwd: typedFolder })
    .verify(
      code,
      [
        {
          files: ['**/*.ts'],
          languageOptions: { parser, parserOptions },
          plugins: { 'scoped-memory': plugin },
          settings: { 'scoped-memory': { clients: named } },
          rules: {
            [`scoped-memory/${rule}`]: ['error', { allowUnverifiable: false }],
            'scoped-memory/no-untrusted-user-id': 'error',
            'scoped-memory/no-fallback-user-id': 'error',
          },
        },
      ],
      join(typedFolder, 'file.ts'),
    )
    .map(({ messageId, message, line }) => [line, messageId ?? message])
}

// Each file mentions a client, so that the rules look at it at all.
const mention = `import { Pinecone } from '@pinecone-database/pinecone'
import { QdrantClient } from '@qdrant/js-client-rest'
import { Index } from '@upstash/vector'
import Supermemory from 'supermemory'
export const used = [Pinecone, QdrantClient, Index, Supermemory]
`

describe.each(['require-user-scope', 'require-user-scope-typed'])('%s', (rule) => {
  test.each([
    ['a map', `const m = new Map<string, number>(); m.get('a'); m.delete('a'); m.set('a', 1)`],
    ['a list', `const l = [1]; l.fill(0); l.find(Boolean); l.includes(1)`],
    ['fetch and the web', `await fetch('https://a.example'); new Headers().get('x'); caches.delete('v1')`],
    ['axios', `import axios from 'axios'; await axios.get('/u'); await axios.delete('/u/' + id)`],
    [
      'a database',
      `import { db } from './db.js'; await db.query('SELECT 1'); await db.collection('a').get({}); await db.update({ id })`,
    ],
    [
      'another class of the same name',
      `class Index { query(o: object) { return o } namespace(n: string) { return this } }
       new Index().query({ topK: 3 }); new Index().namespace('x').query({})`,
    ],
    [
      'the same class of another package',
      `import { Pinecone } from '@acme/pinecone'; new Pinecone().index('x').query({ topK: 3 })`,
    ],
    ['a path of the package that holds none', `import { upsert } from 'chromadb/tools'; upsert({ ids: [] })`],
    [
      'other exports',
      `import { Errors } from '@pinecone-database/pinecone'; new Errors.PineconeError().query()`,
    ],
    [
      'what a call gives',
      `const r = await new QdrantClient({}).getCollections(); r.collections.at(0); r.search()`,
    ],
    ['methods that are not described', `new Pinecone().listIndexes(); new QdrantClient({}).versionInfo()`],
    [
      'properties that are not described',
      `new Supermemory().settings.update({}); new Supermemory().connections.list({})`,
    ],
    [
      'an index of something else',
      `const pc = { index: (n: string) => ({ query: (o: object) => o }) }; pc.index('x').query({})`,
    ],
    [
      'a class that has a client',
      `class S { pc = new Pinecone(); query(o: object) { return o } }; new S().query({})`,
    ],
  ])('reports nothing of %s', (_, code) => {
    const own =
      code.includes('Index {') || code.includes('Pinecone }')
        ? `import 'pinecone' // @pinecone-database/pinecone\n`
        : mention
    expect(reported(own + code, rule)).toEqual([])
  })

  test('reports a client beside them', () => {
    expect(reported(`${mention}new Pinecone().index('x').query({ topK: 3 })`, rule)).toEqual([
      [6, 'clientMissingUser'],
    ])
  })
})
