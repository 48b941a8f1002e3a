import { describe, expect, it } from 'vitest'
import { CARELESS } from './mistakes.ts'
import { soak, type SoakReport } from './soak.ts'

const SHORT = { users: 20, seconds: 3, faultEveryMillis: 40 }

describe('many users at once on a real server, over a back end that fails at random', () => {
  it('see no memory of another, lose none that was acknowledged and have none twice', async () => {
    const report = await soak(SHORT)
    expect(report).toMatchObject({ foreign: 0, lost: 0, twice: 0, misplaced: 0 })
    // Something was tried, and something went wrong.
    expect(report.acknowledged).toBeGreaterThan(SHORT.users)
    expect(report.memories).toBeGreaterThan(report.acknowledged)
    expect(Object.keys(report.faults).length).toBeGreaterThan(4)
    expect(Object.keys(report.statuses).filter((status) => Number(status) >= 500)).not.toEqual([])
    expect(Object.keys(report.statuses)).not.toContain('401')
  })

  // Each count is one that can be other than zero.
  it.each([
    ['shares', ({ foreign, misplaced }: SoakReport) => Math.min(foreign, misplaced)],
    ['hurries', ({ lost }: SoakReport) => lost],
    ['insists', ({ twice }: SoakReport) => twice],
  ])('a server that %s is found out', async (mistake, found) => {
    expect(Object.keys(CARELESS)).toContain(mistake)
    expect(found(await soak({ ...SHORT, faultEveryMillis: 10, mistake }))).toBeGreaterThan(0)
  })
})
