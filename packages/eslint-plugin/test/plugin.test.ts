import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Linter } from 'eslint'
import { defineConfig } from 'eslint/config'
import { describe, expect, test } from 'vitest'
import plugin, { configs, meta, rules } from '../src/index.ts'
import { rules as described } from '../src/rules/index.ts'

const presets = ['recommended', 'recommendedTypeChecked', 'strict', 'strictTypeChecked'] as const

/** What the metadata of the rules says a preset holds, put together anew. */
function fromMetadata(preset: (typeof presets)[number]): Linter.RulesRecord {
  const found: Linter.RulesRecord = {}
  for (const [name, rule] of Object.entries(described)) {
    if (!rule.meta.docs?.presets.includes(preset)) continue
    const strict = preset === 'strict' || preset === 'strictTypeChecked'
    found[`scoped-memory/${name}`] =
      strict && 'unverifiable' in rule.meta.messages ? ['error', { allowUnverifiable: false }] : 'error'
  }
  return found
}

describe('the plugin', () => {
  test('has the seven rules', () => {
    expect(Object.keys(rules).sort()).toEqual([
      'no-direct-client',
      'no-fallback-user-id',
      'no-shared-handle',
      'no-untrusted-user-id',
      'no-untrusted-user-id-typed',
      'require-user-scope',
      'require-user-scope-typed',
    ])
    expect(plugin.rules).toBe(rules)
  })

  test('says its own name and version', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      name: string
      version: string
    }
    expect(meta).toMatchObject({ name: manifest.name, version: manifest.version })
  })

  test('needs nothing of TypeScript or typescript-eslint when it runs', () => {
    const manifest = JSON.parse(readFileSync(join(import.meta.dirname, '../package.json'), 'utf8')) as {
      dependencies?: Record<string, string>
      peerDependencies?: Record<string, string>
    }
    const needed = Object.keys({ ...manifest.dependencies, ...manifest.peerDependencies })
    expect(needed.filter((name) => /typescript/.test(name))).toEqual([])
  })
})

describe('the presets', () => {
  test.each(presets)('%s holds what the metadata of the rules says', (preset) => {
    expect(configs[preset].rules).toEqual(fromMetadata(preset))
    expect(configs[preset].plugins?.['scoped-memory']).toBe(plugin)
  })

  test.each(presets)('%s has the rules with types in it only when it is type-checked', (preset) => {
    const typed = preset.endsWith('TypeChecked')
    expect('scoped-memory/require-user-scope-typed' in (configs[preset].rules ?? {})).toBe(typed)
    expect('scoped-memory/no-untrusted-user-id-typed' in (configs[preset].rules ?? {})).toBe(typed)
    expect('scoped-memory/require-user-scope' in (configs[preset].rules ?? {})).toBe(!typed)
  })

  test('what is strict is recommended and more', () => {
    expect(Object.keys(configs.strict.rules ?? {})).toEqual(
      expect.arrayContaining(Object.keys(configs.recommended.rules ?? {})),
    )
    expect(configs.strict.rules).toHaveProperty('scoped-memory/no-direct-client')
    expect(configs.recommended.rules).not.toHaveProperty('scoped-memory/no-direct-client')
  })

  test('can be extended, and named beside the plugin', () => {
    const config = defineConfig({
      files: ['**/*.js'],
      plugins: { 'scoped-memory': plugin },
      extends: [configs.recommended],
    })
    const messages = new Linter().verify(
      `import { MemoryClient } from 'mem0ai'; new MemoryClient({}).users()`,
      config,
      'a.js',
    )
    expect(messages.map(({ ruleId }) => ruleId)).toEqual(['scoped-memory/require-user-scope'])
  })

  test('report what cannot be verified only when strict', () => {
    const code = `import { MemoryClient } from 'mem0ai'; export const f = (q, o) => new MemoryClient({}).search(q, o)`
    const ids = (preset: 'recommended' | 'strict'): unknown[] =>
      new Linter().verify(code, [configs[preset]]).map(({ messageId }) => messageId)
    expect(ids('recommended')).toEqual([])
    expect(ids('strict')).toEqual(['direct', 'unverifiable'])
  })
})

describe('rule metadata', () => {
  const entries = Object.entries(described)

  test.each(entries)('%s links its page, and is never fixed automatically', (name, { meta: own }) => {
    expect(own.docs?.url).toMatch(new RegExp(`/docs/rules/${name}\\.md$`))
    expect(own.fixable).toBeUndefined()
    expect(own.type).toBe('problem')
  })

  test.each(entries)('%s refuses options it does not know', (name) => {
    const lint = (option: unknown): unknown =>
      new Linter().verify('', [
        {
          plugins: { 'scoped-memory': plugin },
          rules: { [`scoped-memory/${name}`]: ['error', option] },
        },
      ])
    expect(() => lint({ surprise: true })).toThrow(/surprise|additional properties/i)
    expect(() => lint('surprise')).toThrow()
  })

  test.each(entries)('%s refuses globs that match nothing', (name) => {
    const lint = (glob: unknown): unknown =>
      new Linter().verify('', [
        {
          plugins: { 'scoped-memory': plugin },
          rules: { [`scoped-memory/${name}`]: ['error', { allowIn: [glob] }] },
        },
      ])
    for (const glob of ['', '/src/**', './src/**', '../src/**', '!src/**', 'src\\admin', 7])
      expect(() => lint(glob), String(glob)).toThrow()
    if (!name.endsWith('-typed')) expect(lint('src/**')).toEqual([])
  })

  const client = {
    modules: ['@acme/vectors'],
    classes: ['Index'],
    userKeys: ['tenant'],
    methods: { fetch: { kind: 'byId' } },
  }
  test.each([
    ['an unknown kind', { ...client, methods: { fetch: { kind: 'other' } } }],
    ['a scoped method without a place', { ...client, methods: { fetch: { kind: 'scoped' } } }],
    ['no modules', { ...client, modules: [] }],
    ['no methods', { ...client, methods: undefined }],
    ['an unknown key', { ...client, surprise: 1 }],
  ])('a client is refused with %s', (_, wrong) => {
    const lint = (clients: unknown): unknown =>
      new Linter().verify('', [
        {
          plugins: { 'scoped-memory': plugin },
          rules: { 'scoped-memory/require-user-scope': ['error', { clients: [clients] }] },
        },
      ])
    expect(lint(client)).toEqual([])
    expect(() => lint(wrong)).toThrow()
  })

  test('schemas', () => {
    expect(Object.fromEntries(entries.map(([name, { meta: own }]) => [name, own.schema]))).toMatchSnapshot()
  })

  test('messages', () => {
    expect(Object.fromEntries(entries.map(([name, { meta: own }]) => [name, own.messages]))).toMatchSnapshot()
  })
})
