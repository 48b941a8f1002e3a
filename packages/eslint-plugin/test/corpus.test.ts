import { expect, test } from 'vitest'
import { measure, measured } from './corpus/measure.ts'

test.for(measured)(
  '%s: %s finds everything marked and reports nothing else',
  { timeout: 120_000 },
  async ([corpus, tier]) => {
    const { files, expected, missed, falseReports } = await measure(corpus, tier)
    expect({ missed, falseReports }).toEqual({ missed: [], falseReports: [] })
    expect(files).toBeGreaterThan(40)
    expect(expected).toBeGreaterThan(100)
  },
)
