import type { Channel, TracingChannel } from 'node:diagnostics_channel'
import { nodeBuiltin } from './node-builtins.ts'
import type { EngineName } from './types.ts'

/**
 * What subscribers of the tracing channel `scoped-memory:operation` receive. Never content, never another user's id.
 */
export interface OperationMessage {
  readonly operation: string
  readonly engine: EngineName
  readonly userId: string
  /** Milliseconds from call to settlement; set when it settled. */
  durationMillis?: number
  /** How many records the answer held; set when it settled and has records. */
  count?: number
  /** Name and code of the error it failed with; set on failure. */
  error?: { readonly name: string; readonly code: string | undefined }
}

/** What subscribers of the channel `scoped-memory:violation` receive. */
export interface ViolationMessage {
  readonly operation: string
  readonly engine: EngineName
  /** The user whose handle it was; never the owner of the record. */
  readonly userId: string
  /**
   * `foreign-record`: the back end answered with records that are not this user's.
   * `foreign-id`: the caller named an id that is another user's.
   */
  readonly reason: 'foreign-record' | 'foreign-id'
  /** How many records. */
  readonly count: number
  /** What was done: nothing handed out, or only the user's own records. */
  readonly action: 'throw' | 'drop'
}

const diagnostics = nodeBuiltin?.('node:diagnostics_channel')
const operations: TracingChannel<unknown, OperationMessage> | undefined =
  diagnostics?.tracingChannel('scoped-memory:operation')
const violations: Channel | undefined = diagnostics?.channel('scoped-memory:violation')

/** Runs an operation with its events. Costs one check when nobody listens. */
export function traced<T>(
  operation: string,
  engine: EngineName,
  userId: string,
  work: () => Promise<T>,
): Promise<T> {
  if (operations?.hasSubscribers !== true) return work()
  const message: OperationMessage = { operation, engine, userId }
  const startedAt = performance.now()
  const finish = (): void => {
    setField(message, 'durationMillis', performance.now() - startedAt)
    operations.asyncStart.publish(message)
    operations.asyncEnd.publish(message)
  }
  const running = operations.start.runStores(message, work)
  operations.end.publish(message)
  return running.then(
    (answer) => {
      const count = countOf(answer)
      if (count !== undefined) setField(message, 'count', count)
      finish()
      return answer
    },
    (error: unknown) => {
      setField(message, 'error', describe(error))
      operations.error.publish(message)
      finish()
      throw error
    },
  )
}

/** Publishes a violation. */
export function reportViolation(message: ViolationMessage): void {
  if (violations?.hasSubscribers === true) violations.publish(message)
}

// Unlike an assignment it does not throw on a message that a listener froze.
function setField<Key extends keyof OperationMessage>(
  message: OperationMessage,
  key: Key,
  value: OperationMessage[Key],
): void {
  Reflect.set(message, key, value)
}

function countOf(answer: unknown): number | undefined {
  if (Array.isArray(answer)) return answer.length
  if (typeof answer !== 'object' || answer === null || !('results' in answer)) return undefined
  return Array.isArray(answer.results) ? answer.results.length : undefined
}

function describe(error: unknown): { name: string; code: string | undefined } {
  if (!(error instanceof Error)) return { name: typeof error, code: undefined }
  const code: unknown = 'code' in error ? error.code : 'errorCode' in error ? error.errorCode : undefined
  return { name: error.name, code: typeof code === 'string' ? code : undefined }
}
