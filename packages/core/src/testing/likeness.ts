/**
 * How near a text comes to a query, from 0.2 to 1, by spelling alone: the share of the query's letter triples that the
 * text has too. So "preferences" finds "I prefer tea", and nothing finds by meaning. What has nothing in common with
 * the query comes last but comes, as it would with embeddings.
 */
export function likeness(query: string, text: string): number {
  const wanted = triples(query)
  if (wanted.size === 0) return LEAST
  const found = triples(text)
  let shared = 0
  for (const triple of wanted) if (found.has(triple)) shared++
  return LEAST + ((1 - LEAST) * shared) / wanted.size
}

// Above 0.1, the score below which mem0 leaves a memory out unless it is told otherwise.
const LEAST = 0.2
const FILLERS = new Set(
  'a am an and are at do does for have i in is it like me my of on the to what which who you your'.split(' '),
)

function triples(text: string): Set<string> {
  const words = text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  const telling = words.filter((word) => !FILLERS.has(word))
  const result = new Set<string>()
  for (const word of telling.length > 0 ? telling : words) {
    const padded = [' ', ...word, ' ']
    for (let start = 0; start + 3 <= padded.length; start++)
      result.add(padded.slice(start, start + 3).join(''))
  }
  return result
}
