import type { Memory } from './store.ts'

const LOWEST_SCORE = 0.3
const WORDS_WEIGHT = 0.65
const RECENCY_WEIGHT = 0.04
const DAY = 86_400_000

export interface Ranked {
  readonly memory: Memory
  /** From 0 to 1. */
  readonly score: number
}

/**
 * Ranks memories without a model, by how many words of the query a text repeats; common endings are ignored, and long
 * common prefixes count in part. The service ranks by meaning, so it also returns rows that share no word with the query;
 * here these get a low score.
 */
export function rank(query: string, memories: readonly Memory[], now: number): Ranked[] {
  const wanted = wordsOf(query)
  return memories
    .map((memory) => ({ memory, score: scoreOf(wanted, memory, now) }))
    .sort((a, b) => b.score - a.score)
}

function scoreOf(wanted: readonly string[], memory: Memory, now: number): number {
  const ageInDays = Math.max(0, now - memory.createdAt.getTime()) / DAY
  const recency = 1 / (1 + ageInDays)
  return LOWEST_SCORE + WORDS_WEIGHT * overlap(wanted, cachedWordsOf(memory)) + RECENCY_WEIGHT * recency
}

/** How much of `wanted` occurs in `words`, from 0 to 1. */
function overlap(wanted: readonly string[], words: readonly string[]): number {
  if (wanted.length === 0 || words.length === 0) return 0
  let sum = 0
  for (const word of wanted) {
    let best = 0
    for (const other of words) {
      best = Math.max(best, wordSimilarity(word, other))
      if (best === 1) break
    }
    sum += best
  }
  return sum / wanted.length
}

function wordSimilarity(a: string, b: string): number {
  if (a === b) return 1
  let shared = 0
  while (shared < a.length && shared < b.length && a[shared] === b[shared]) shared++
  return shared >= 4 ? (0.8 * shared) / Math.max(a.length, b.length) : 0
}

const WORD = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|[\p{L}\p{N}]+/gu
const ENDING = /(?:ing|ed|es|s)$/
const STOP_WORDS = new Set(
  (
    'a an and are as at be by do does did for from has have he her his how i in is it its me my of on or our ' +
    'she that the their them they this to was we were what when where which who why will with you your'
  ).split(' '),
)

function wordsOf(text: string): string[] {
  const words = text.toLowerCase().match(WORD) ?? []
  const significant = words.filter((word) => !STOP_WORDS.has(word))
  return [...new Set((significant.length > 0 ? significant : words).map(stem))]
}

function stem(word: string): string {
  return word.length > 4 ? word.replace(ENDING, '') : word
}

const cache = new WeakMap<Memory, { readonly text: string; readonly words: readonly string[] }>()

function cachedWordsOf(memory: Memory): readonly string[] {
  const cached = cache.get(memory)
  if (cached?.text === memory.text) return cached.words
  const words = wordsOf(memory.text)
  cache.set(memory, { text: memory.text, words })
  return words
}
