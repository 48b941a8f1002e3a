import { describe, expect, it } from 'vitest'
import { identityOf, standingOf } from '../../src/records/identity.ts'

describe('an identity', () => {
  const scope = { userId: 'u_alice' }
  it.each([
    [{ userId: 'u_alice' }, 'own', 'own'],
    [{ user_id: 'u_alice' }, 'own', 'own'],
    [{ userId: 'u_alice', user_id: 'u_alice' }, 'own', 'own'],
    [{ userId: 'u_alice', user_id: null }, 'own', 'own'],
    [{}, 'own', 'foreign'],
    [{ userId: null }, 'foreign', 'foreign'],
    [{ user_id: 'u_bob' }, 'foreign', 'foreign'],
    [{ userId: 'u_alice', user_id: 'u_bob' }, 'foreign', 'foreign'],
    [{ userId: ['u_alice'] }, 'foreign', 'foreign'],
    [{ userId: 'U_ALICE' }, 'foreign', 'foreign'],
  ])('%j in a list: %s, as a proof: %s', (row, listed, proof) => {
    expect(standingOf(scope, identityOf(row), 'listed')).toBe(listed)
    expect(standingOf(scope, identityOf(row), 'proof')).toBe(proof)
  })

  it.each([
    [{ runId: 'r1' }, 'own'],
    [{ run_id: 'r1' }, 'own'],
    [{ sessionId: 'r1' }, 'own'],
    [{ session_id: 'r1', run_id: null }, 'own'],
    [{ runId: 'r2' }, 'outside'],
    [{ runId: null }, 'outside'],
    [{}, 'outside'],
  ])('a row %j of the user is to run r1: %s', (row, expected) => {
    expect(standingOf({ ...scope, runId: 'r1' }, identityOf({ user_id: 'u_alice', ...row }), 'proof')).toBe(
      expected,
    )
  })

  it("a row without an owner and of another run is not shown to be anybody's", () => {
    expect(standingOf({ ...scope, runId: 'r1' }, identityOf({ run_id: 'r2' }), 'listed')).toBe('foreign')
  })
})
