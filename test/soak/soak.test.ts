import { describe, expect, it } from 'vitest'
import { MISTAKES } from './mistakes.ts'
import { platformBackend } from './platform-backend.ts'
import { postgresBackend } from './postgres-backend.ts'
import { soak, type SoakReport } from './soak.ts'

const SHORT = { users: 20, seconds: 3, faultEveryMillis: 40 }

describe('many users at once on a real server, over a back end that fails at random', () => {
  it('see no memory of another user, lose none that was acknowledged and have none twice', async () => {
    const report = await soak({ ...SHORT, backend: await platformBackend() })
    expect(report).toMatchObject({ foreign: 0, lost: 0, duplicated: 0, misplaced: 0 })
    // There were requests, and there were faults.
    expect(report.acknowledged).toBeGreaterThan(SHORT.users)
    expect(report.memories).toBeGreaterThan(report.acknowledged)
    expect(Object.keys(report.faults).length).toBeGreaterThan(4)
    expect(Object.keys(report.statuses).filter((status) => Number(status) >= 500)).not.toEqual([])
    expect(Object.keys(report.statuses)).not.toContain('401')
  })

  // Each count is not zero for a server that makes the mistake.
  it.each([
    ['shared-handle', ({ foreign, misplaced }: SoakReport) => Math.min(foreign, misplaced)],
    ['unawaited-add', ({ lost }: SoakReport) => lost],
    ['blind-retry', ({ duplicated }: SoakReport) => duplicated],
  ])('detect a server with the mistake %s', async (mistake, count) => {
    expect(Object.keys(MISTAKES)).toContain(mistake)
    expect(
      count(await soak({ ...SHORT, backend: await platformBackend(), faultEveryMillis: 10, mistake })),
    ).toBeGreaterThan(0)
  })
})

describe.each([[false], [true]])(
  'the same over a Postgres server, rowLevelSecurity: %s',
  (rowLevelSecurity) => {
    it('loses, doubles, tears and mixes up nothing while its connections, its statements and itself are ended', async (context) => {
      const backend = await postgresBackend({ rowLevelSecurity })
      if ('unavailable' in backend) return context.skip(backend.unavailable)
      const report = await soak({ ...SHORT, seconds: 4, backend })
      expect(report).toMatchObject({ foreign: 0, lost: 0, duplicated: 0, misplaced: 0, denied: 0, torn: 0 })
      expect(report.acknowledged).toBeGreaterThan(0)
      expect(report.memories).toBeGreaterThan(0)
      expect(Object.keys(report.faults).length).toBeGreaterThan(2)
      expect(report.statuses['503']).toBeGreaterThan(0)
    })
  },
)
