/**
 * How similar a text is to a query, from 0.2 to 1, by spelling alone: the share of the letter trigrams of each query
 * word that the text has too. So "preferences" finds "I prefer tea"; nothing is found by meaning. A text that shares
 * nothing with the query ranks last but is still returned, as with embeddings.
 */
export function trigramSimilarity(query: string, text: string): number {
  const words = wordsOf(query)
  if (words.length === 0) return LOWEST
  const found = new Set(wordsOf(text).flatMap(trigramsOf))
  const shares = words.map((word) => {
    const trigrams = trigramsOf(word)
    return trigrams.filter((trigram) => found.has(trigram)).length / trigrams.length
  })
  return LOWEST + ((1 - LOWEST) * shares.reduce((sum, share) => sum + share, 0)) / shares.length
}

// Above 0.1, the default threshold of a mem0 search.
const LOWEST = 0.2
const STOP_WORDS = new Set(
  'a am an and are at do does for have i in is it like me my of on the to what when which who you your'.split(
    ' ',
  ),
)

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const significant = words.filter((word) => !STOP_WORDS.has(word))
  return significant.length > 0 ? significant : words
}

function trigramsOf(word: string): string[] {
  const padded = [' ', ...Array.from(word), ' ']
  return padded.slice(2).map((last, index) => padded[index]! + padded[index + 1]! + last)
}
