import { expect, test } from 'vitest'
import { measure } from './corpus/measure.ts'

test.each(['recommended', 'recommendedTypeChecked'] as const)(
  '%s finds every leak of the corpus and reports nothing else',
  async (tier) => {
    const { files, expected, missed, falseReports } = await measure(tier)
    expect({ missed, falseReports }).toEqual({ missed: [], falseReports: [] })
    expect(files).toBeGreaterThan(40)
    expect(expected).toBeGreaterThan(100)
  },
)
