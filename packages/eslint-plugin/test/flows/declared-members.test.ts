import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { mayImplement } from '../../src/flows/declared-members.ts'

const fits = (code: string): boolean =>
  mayImplement(ts.createSourceFile('file.ts', code, ts.ScriptTarget.ES2022), 'get', ['get', 'has', 'size'])

describe('mayImplement', () => {
  it.each([
    'class Rows { get() {} has() {} size = 1 }',
    'class Rows { constructor(readonly size: number) {} get() {} has() {} }',
    'class Rows extends Base { get() {} }',
    'const rows = { get() {}, has: () => {}, size }',
    'const rows = { ...base, get() {} }',
    'const rows = { get() {}, [has]: 1 }',
  ])('takes %s', (code) => {
    expect(fits(code)).toBe(true)
  })

  it.each([
    'class Rows { get() {} }',
    'class Rows implements Base { get() {} has() {} }',
    'class Rows extends Base { has() {} }',
    'const rows = { has() {}, size: 1 }; rows.get()',
    'class Rows { get() {} } const others = { has() {}, size: 1 }',
  ])('leaves %s', (code) => {
    expect(fits(code)).toBe(false)
  })
})
