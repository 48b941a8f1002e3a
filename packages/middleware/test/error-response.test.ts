import { ForeignRecordError, InvalidArgumentError } from '@scoped-memory/core'
import { describe, expect, it } from 'vitest'
import { errorResponse, hideError, mayBeServerError, problemOf } from '../src/error-response.ts'
import { failed } from './support/thrown-values.ts'

describe('an error as a problem document', () => {
  it.each<[string, unknown, object]>([
    [
      'of this library, by the client',
      new InvalidArgumentError('Send { "text": "…" }.'),
      { status: 400, code: 'INVALID_ARGUMENT', detail: 'Send { "text": "…" }.' },
    ],
    ['of this library, by the server', new ForeignRecordError('u_bob'), { status: 500 }],
    ['of somebody else, with a status', failed({ status: 403 }), { status: 403 }],
    ['of somebody else, with a statusCode', failed({ statusCode: 503 }), { status: 503 }],
    ['without a status', failed({}), { status: 500 }],
    ['with the status of a success', failed({ status: 200 }), { status: 500 }],
    ['that is not an Error', { status: 403, message: 'not you' }, { status: 500 }],
  ])('shows no more than it may: an error %s', (_what, error, shown) => {
    expect(JSON.parse(problemOf(error).body)).toEqual(shown)
    expect(problemOf(error)).toMatchObject({ status: (shown as { status: number }).status })
  })

  it('is a response that no cache keeps', async () => {
    const response = errorResponse(failed({ status: 403 }))
    expect(Object.fromEntries(response.headers)).toEqual({
      'content-type': 'application/problem+json',
      'cache-control': 'no-store',
    })
    expect([response.status, await response.text()]).toEqual([403, '{"status":403}'])
  })
})

it.each<[object, boolean]>([
  [{}, true],
  [{ status: 200 }, true],
  [{ status: 404 }, false],
  [{ statusCode: 404 }, false],
  [{ status: 404, statusCode: 502 }, true],
  [{ status: 502, statusCode: 404 }, true],
])('an Error with %j may be a server error: %s', (properties, expected) => {
  expect(mayBeServerError(failed(properties))).toBe(expected)
})

it.each<[object, number]>([
  [{}, 500],
  [{ status: 404 }, 500],
  [{ status: 503 }, 503],
  [{ status: 404, statusCode: 502 }, 502],
])('hides an Error with %j behind one with status %i', (properties, status) => {
  const error = failed(properties)
  const hidden = hideError(error)
  expect(hidden).toMatchObject({ code: 'MEMORY_FAILED', status, cause: error })
  expect(hidden.stack).not.toContain(error.message)
  expect(hideError(hidden)).toBe(hidden)
})
