import { describe, expect, it } from 'vitest'
import { isolationChecks } from '../../src/testing/index.ts'

describe('isolationChecks', () => {
  it('holds attacks first, then legitimate uses', () => {
    const kinds = isolationChecks.map(({ kind }) => kind)
    expect(new Set(kinds)).toEqual(new Set(['attack', 'legitimate-use']))
    expect(kinds).toEqual([...kinds].sort())
  })

  it('gives each check a name of its own and a description', () => {
    expect(new Set(isolationChecks.map(({ name }) => name)).size).toBe(isolationChecks.length)
    for (const { name, description } of isolationChecks) {
      expect(name).toMatch(/^\S.+[^.]$/)
      expect(description).toMatch(/^[A-Za-z].+[.)]$/)
    }
  })
})
