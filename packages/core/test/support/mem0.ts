import { MemoryClient } from 'mem0ai'
import { MemoryClient as OldestMemoryClient } from 'mem0ai-oldest'
import { Memory as OldestMemory } from 'mem0ai-oldest/oss'
import { Memory } from 'mem0ai/oss'

/** mem0's clients of one version. Those of the oldest differ in private members only, which types cannot look past. */
export interface Mem0 {
  readonly MemoryClient: typeof MemoryClient
  readonly Memory: typeof Memory
}

/** The newest mem0ai that is supported, and the oldest. */
export const NEWEST: Mem0 = { MemoryClient, Memory }
export const OLDEST: Mem0 = {
  MemoryClient: OldestMemoryClient as unknown as typeof MemoryClient,
  Memory: OldestMemory as unknown as typeof Memory,
}
