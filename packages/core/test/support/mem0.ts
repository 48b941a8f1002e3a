import { MemoryClient } from 'mem0ai'
import { MemoryClient as OldestMemoryClient } from 'mem0ai-oldest'
import { Memory as OldestMemory } from 'mem0ai-oldest/oss'
import { Memory } from 'mem0ai/oss'

/** The clients of one version of mem0ai. The types of the oldest differ only in private members. */
export interface Mem0 {
  readonly MemoryClient: typeof MemoryClient
  readonly Memory: typeof Memory
}

/** The newest supported mem0ai, and the oldest. */
export const NEWEST: Mem0 = { MemoryClient, Memory }
export const OLDEST: Mem0 = {
  MemoryClient: OldestMemoryClient as unknown as typeof MemoryClient,
  Memory: OldestMemory as unknown as typeof Memory,
}
