import { createInMemoryClient } from '@scoped-memory/core/testing'
import { expect, it } from 'vitest'
import { withMemory } from '../../src/adapters/web.ts'
import { webServer } from '../servers/web.ts'
import { adapterSuites } from '../suites/index.ts'

adapterSuites(webServer)

it('sets cache-control on a copy of a response whose headers are immutable', async () => {
  const handler = withMemory({ client: createInMemoryClient(), userId: () => 'u_alice' }, () =>
    Response.redirect('https://example.com/', 303),
  )
  const { status, headers } = await handler(new Request('http://localhost/'))
  expect([status, headers.get('location')]).toEqual([303, 'https://example.com/'])
  expect(headers.get('cache-control')).toBe('private, no-store')
})
