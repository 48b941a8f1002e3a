import type { MemoryRecord } from '../types.ts'
import type { Call } from './call.ts'
import { ownRecords } from './verify.ts'

/** Every record of the scope, expired ones included, page by page. */
export async function* everyPage(call: Call): AsyncGenerator<MemoryRecord[], void, undefined> {
  const { engine, scope } = call.binding
  for await (const answer of engine.pages(call.send, scope, { showExpired: true }, [])) {
    yield ownRecords(call, answer)
  }
}
