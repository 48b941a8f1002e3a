import { createMemoryFactory, type ScopedMemory } from '@scoped-memory/core'
import { createInMemoryClient } from '@scoped-memory/core/testing'
import { beforeEach } from 'vitest'

/** A client that holds one memory, of Alice. */
export interface OneMemory {
  client: ReturnType<typeof createInMemoryClient>
  id: string
  texts(): Promise<unknown[]>
}

/** A request that corrects the memory, but for its path. */
export const CORRECTION = {
  method: 'PATCH',
  headers: { 'content-type': 'application/json' },
  body: '{"text":"vegan"}',
}

export const userId = (): string => 'u_alice'

/** A client with one memory, another one for each test. */
export function oneMemory(): OneMemory {
  let memory: ScopedMemory
  const alice: OneMemory = {
    client: createInMemoryClient(),
    id: '',
    texts: async () => (await memory.getAll()).results.map((record) => record.memory),
  }
  beforeEach(async () => {
    alice.client = createInMemoryClient()
    memory = createMemoryFactory({ client: alice.client })('u_alice')
    await memory.add('vegetarian', { infer: false })
    alice.id = (await memory.getAll()).results[0]!.id
  })
  return alice
}

/** The status of a correction, or of another request for the memory. */
export async function correct(
  url: string,
  { id }: OneMemory,
  init: RequestInit = CORRECTION,
): Promise<number> {
  return (await fetch(`${url}/memories/${id}`, init)).status
}
