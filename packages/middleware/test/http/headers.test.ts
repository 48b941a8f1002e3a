import { expect, it } from 'vitest'
import { webHeaders } from '../../src/http/headers.ts'

it('takes the headers of a request of Node, without those that HTTP/2 adds', () => {
  const headers = webHeaders({
    ':path': '/',
    accept: 'text/html',
    via: ['1.1 a', '1.1 b'],
    cookie: undefined,
  })
  expect([...headers]).toEqual([
    ['accept', 'text/html'],
    ['via', '1.1 a, 1.1 b'],
  ])
})

it('leaves web-standard headers as they are', () => {
  const headers = new Headers({ accept: 'text/html' })
  expect(webHeaders(headers)).toBe(headers)
})
