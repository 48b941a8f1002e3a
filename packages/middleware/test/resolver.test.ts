import { createInMemoryClient } from '@scoped-memory/core/testing'
import { expect, it, vi } from 'vitest'
import { createResolver } from '../src/resolver.ts'
import { notErrors } from './support/thrown-values.ts'

const client = createInMemoryClient()

it('warns once of an id that only a mistake can return, and never of a visitor', async () => {
  vi.resetModules()
  const fresh = await import('../src/resolver.ts')
  const warn = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined)
  for (const optional of [true, false]) {
    const resolve = (id: unknown) =>
      fresh.createResolver({ client, optional, userId: () => id as string }).resolve({})
    for (const visitor of [undefined, null, '', false]) await resolve(visitor).catch(() => undefined)
    expect(warn).toHaveBeenCalledTimes(optional ? 0 : 1)
    for (const mistake of [42, {}, true, 'u_alice ']) await resolve(mistake).catch(() => undefined)
    expect(warn).toHaveBeenCalledTimes(1)
  }
  expect(warn.mock.calls[0]).toEqual([
    expect.stringMatching(/must be a string, not number/),
    { type: 'ScopedMemoryWarning', code: 'SCOPED_MEMORY_USER_ID' },
  ])
  warn.mockRestore()
})

it.each(notErrors)('64 · what userId() throws is an error: %s', async (_what, thrown) => {
  // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors
  const { resolve } = createResolver({ client, userId: () => Promise.reject(thrown) })
  await expect(resolve({})).rejects.toMatchObject({ code: 'NOT_AN_ERROR', status: 500 })
})

it('64 · options that throw nothing are an error', () => {
  const options = {
    userId: () => 'u_alice',
    get client(): never {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw undefined
    },
  }
  expect(() => createResolver(options)).toThrow(expect.objectContaining({ code: 'NOT_AN_ERROR' }))
})
