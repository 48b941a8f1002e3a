import { expect, it } from 'vitest'
import { identityOf } from '../../src/records/identity.ts'
import { toRecord } from '../../src/records/record.ts'

it('a record keeps what it has, under the name the caller knows', () => {
  const row = { id: '1', user_id: 'stored', run_id: 'r', session_id: 'r', memory: 'x', extra: 1 }
  expect(toRecord(row, identityOf(row), 'u_alice')).toEqual({
    id: '1',
    userId: 'u_alice',
    runId: 'r',
    session_id: 'r',
    memory: 'x',
    extra: 1,
  })
})
