import type { Binding } from '../binding.ts'
import type { Send } from '../engines/engine.ts'

/** One operation of one handle: what it is called, whose it is, and how it sends. */
export interface Call {
  readonly operation: string
  readonly binding: Binding
  readonly send: Send
}
