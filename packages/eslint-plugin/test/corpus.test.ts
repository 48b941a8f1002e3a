import { expect, test } from 'vitest'
import { measure } from './corpus/measure.ts'

test.for(['recommended', 'recommendedTypeChecked'] as const)(
  '%s finds every leak of the corpus and reports nothing else',
  { timeout: 120_000 },
  async (tier) => {
    const { files, expected, missed, falseReports } = await measure(tier)
    expect({ missed, falseReports }).toEqual({ missed: [], falseReports: [] })
    expect(files).toBeGreaterThan(40)
    expect(expected).toBeGreaterThan(100)
  },
)
