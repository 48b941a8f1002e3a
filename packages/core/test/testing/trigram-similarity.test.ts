import { expect, it } from 'vitest'
import { trigramSimilarity } from '../../src/testing/trigram-similarity.ts'

it('is 1 for a text with every word of the query, and 0.2 for one that shares no trigram', () => {
  expect(trigramSimilarity('green tea', 'I drink GREEN tea')).toBe(1)
  expect(trigramSimilarity('green tea', 'Dentist on Monday')).toBe(0.2)
})

it('counts the trigrams that a word shares', () => {
  const similarity = trigramSimilarity('preferences', 'I prefer tea')
  expect(similarity).toBeGreaterThan(0.2)
  expect(similarity).toBeLessThan(1)
})

it('leaves stop words out unless the query has no others', () => {
  expect(trigramSimilarity('what is the tea', 'tea')).toBe(1)
  expect(trigramSimilarity('what is it', 'what is it')).toBeCloseTo(1)
})

it('is 0.2 for a query without words', () => {
  expect(trigramSimilarity('!?', 'tea')).toBe(0.2)
})
