import type { UserBinding } from '../user-binding.ts'
import type { Send } from '../engines/request.ts'

/** One call of an operation: its name, whose handle it is of, and how it sends. */
export interface Call {
  readonly operation: string
  readonly binding: UserBinding
  readonly send: Send
}
