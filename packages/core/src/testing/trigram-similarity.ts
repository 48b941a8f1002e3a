/**
 * How near a text comes to a query, from 0.2 to 1, by spelling alone: how much of each word of the query the text has
 * too, in letter triples. So "preferences" finds "I prefer tea", and nothing finds by meaning. What has nothing in
 * common with the query comes last but comes, as it would with embeddings.
 */
export function likeness(query: string, text: string): number {
  const words = wordsOf(query)
  if (words.length === 0) return LEAST
  const found = new Set(wordsOf(text).flatMap(triplesOf))
  const shares = words.map((word) => {
    const triples = triplesOf(word)
    return triples.filter((triple) => found.has(triple)).length / triples.length
  })
  return LEAST + ((1 - LEAST) * shares.reduce((sum, share) => sum + share, 0)) / shares.length
}

// Above 0.1, the score below which mem0 leaves a memory out unless it is told otherwise.
const LEAST = 0.2
const FILLERS = new Set(
  'a am an and are at do does for have i in is it like me my of on the to what when which who you your'.split(
    ' ',
  ),
)

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const telling = words.filter((word) => !FILLERS.has(word))
  return telling.length > 0 ? telling : words
}

function triplesOf(word: string): string[] {
  const padded = [' ', ...Array.from(word), ' ']
  return padded.slice(2).map((last, index) => padded[index]! + padded[index + 1]! + last)
}
