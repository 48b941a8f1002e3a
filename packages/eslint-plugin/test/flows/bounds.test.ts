import { join } from 'node:path'
import * as parser from '@typescript-eslint/parser'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import type { Parser } from '../../src/analysis/parsed-file.ts'
import { mem0Clients } from '../../src/clients/mem0.ts'
import { findingsIn } from '../../src/flows/untrusted-ids.ts'

const folder = join(import.meta.dirname, '../fixtures/flows/strict')

const client = `import { MemoryClient } from 'mem0ai'
const memory = new MemoryClient({ apiKey: 'k' })
`

/** The ways of the ids that are found in `a.ts`, in a program of these files. */
function waysIn(sources: Readonly<Record<string, string>>): readonly string[] {
  const byPath = new Map(Object.entries(sources).map(([name, text]) => [join(folder, name), text]))
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    skipLibCheck: true,
    types: [],
  }
  const host = ts.createCompilerHost(options, true)
  const { fileExists, readFile, getSourceFile } = host
  host.fileExists = (name) => byPath.has(name) || fileExists(name)
  host.readFile = (name) => byPath.get(name) ?? readFile(name)
  host.getSourceFile = (name, ...rest) => {
    const text = byPath.get(name)
    return text === undefined
      ? getSourceFile(name, ...rest)
      : ts.createSourceFile(name, text, ts.ScriptTarget.ES2022, true)
  }
  const program = ts.createProgram([...byPath.keys()], options, host)
  const file = program.getSourceFile(join(folder, 'a.ts'))!
  const { untrusted } = findingsIn(file, program, parser as Parser, {
    clients: mem0Clients,
    allowSources: [],
  })
  return untrusted.map(({ way }) => way)
}

const numbers = (count: number): number[] => Array.from({ length: count }, (_, index) => index)

describe('what is followed has bounds', () => {
  it('comes back from functions that call each other in a ring', () => {
    const ring = numbers(60).map(
      (index) =>
        `export function f${index}(id: string): void { f${(index + 1) % 60}(id); f${(index + 7) % 60}(id) }`,
    )
    const b = `${client}
export function recall(id: string) { f0(id); return memory.search('q', { filters: { user_id: id } }) }
${ring.join('\n')}
export function last(id: string) { f3(id); recall(id) }
`
    const a = `import { last } from './b.js'
export const handle = (req: { body: { userId: string } }) => last(req.body.userId)
`
    expect(waysIn({ 'a.ts': a, 'b.ts': b })).toStrictEqual([
      'req.body.userId → last(id) → recall(id) → memory.search',
    ])
  })

  it('comes back from results of functions that call each other', () => {
    const ring = numbers(30).map(
      (index) =>
        `export const g${index} = (id: string): string => id ? g${(index + 1) % 30}(id) : g${(index + 2) % 30}(id)`,
    )
    const b = `${client}
${ring.join('\n')}
export const recall = (id: string) => memory.search('q', { filters: { user_id: g0(id) } })
`
    expect(waysIn({ 'a.ts': `import './b.js'`, 'b.ts': b })).toStrictEqual([])
  })

  it('looks at no more than 200 callers of a function', () => {
    const b = `${client}
export const recall = (id: string) => memory.search('q', { filters: { user_id: id } })
`
    const calls = numbers(5000).map(
      (index) =>
        `export const h${index} = (req: { body: { u${index}: string } }) => recall(req.body.u${index})`,
    )
    const ways = waysIn({ 'a.ts': `import { recall } from './b.js'\n${calls.join('\n')}\n`, 'b.ts': b })
    expect(ways).toHaveLength(200)
    expect(ways[0]).toBe('req.body.u0 → recall(id) → memory.search')
  })

  it('follows an id through ten functions, and not through more', () => {
    const through = (count: number): readonly string[] => {
      const b = `${client}
export const f0 = (id: string) => memory.search('q', { filters: { user_id: id } })
${numbers(count - 1)
  .map((index) => `export const f${index + 1} = (id: string) => f${index}(id)`)
  .join('\n')}
`
      const a = `import { f${count - 1} as run } from './b.js'
export const handle = (req: { body: { userId: string } }) => run(req.body.userId)
`
      return waysIn({ 'a.ts': a, 'b.ts': b })
    }
    expect(through(10)).toHaveLength(1)
    expect(through(11)).toStrictEqual([])
  })

  it('comes back from expressions that are nested deep, and from long ones', () => {
    const nested = `${'('.repeat(400)}id${')'.repeat(400)}`
    const chosen = `${numbers(400)
      .map((index) => `n === ${index} ? id + ${index} : `)
      .join('')}id`
    const entries = numbers(5000).map((index) => `k${index}: ${index}`)
    const lines = numbers(10_000).map((index) => `  total += ${index}`)
    const b = `${client}
export function recall(id: string, n: number) {
  let total = 0
${lines.join('\n')}
  const options = { ${entries.join(', ')}, user_id: ${nested} }
  const other = ${chosen}
  void memory.search('q', { filters: { user_id: other } })
  return memory.search('q', { filters: { user_id: options.user_id } })
}
`
    const a = `import { recall } from './b.js'
export const handle = (req: { body: { userId: string } }) => recall(req.body.userId, 1)
`
    expect(waysIn({ 'a.ts': a, 'b.ts': b })).toStrictEqual(['req.body.userId → recall(id) → memory.search'])
  })
})
