/** What everybody remembers: a sentence a topic. */
export const SENTENCES = [
  'I eat vegetarian food and like it hot',
  'my favourite drink is green tea without sugar',
  'I sit at the window when I fly',
  'my sister lives in a small town by the sea',
  'I work as a nurse on the night shift',
  'my dog is called Biscuit and hates the rain',
  'I am learning to play the cello',
  'on weekends I go running along the river',
  'I am allergic to peanuts and to cats',
  'my birthday is in the first week of May',
] as const

export const QUESTION = 'which food and drink do I like'

export const userId = (index: number): string => `u_${index}`

/** A sentence with the name of its owner, so that a result shows whose it is. */
export const ownText = (sentence: number, user: string): string => `${SENTENCES[sentence]!} (${user})`
export const isOwnText = (text: string | undefined, user: string): boolean =>
  text?.endsWith(` (${user})`) === true
