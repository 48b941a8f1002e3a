import type { MemoryRecord, ScopedMemory } from '@scoped-memory/core'

const KIND = 'nightly-summary'

/**
 * Recalls a user's memories, writes a summary and stores it as a memory of that night, once: a night that has its summary
 * stays as it is, so that a run that broke off can be repeated.
 */
export async function summarise(memory: ScopedMemory, night: string): Promise<void> {
  const tonight = memory.within({ runId: `${KIND}-${night}` })
  const { results: written } = await tonight.getAll()
  if (written.length > 0) return

  const { results } = await memory.search('What happened lately, and what matters to the user?')
  const recalled = results.filter(({ metadata }) => metadata?.['kind'] !== KIND)
  if (recalled.length === 0) return
  await tonight.add(summaryOf(recalled, night), { infer: false, metadata: { kind: KIND } })
}

// Put your model here. It gets one user's memories; no other user's can be among them.
function summaryOf(recalled: readonly MemoryRecord[], night: string): string {
  return `Summary of ${night}: ${recalled.map(({ memory }) => memory).join('; ')}.`
}
