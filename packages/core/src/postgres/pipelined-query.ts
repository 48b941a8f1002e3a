import type { Client, Query } from 'pg'
import type { ResultRow, Statement } from './database.ts'

/** What of a connection of `pg` a query of one's own writes to; `pg-cursor` and `pg-query-stream` do the same. */
interface Wire {
  readonly stream: { cork(): void; uncork(): void }
  close(target: { type: 'S'; name: string }): void
  parse(statement: { name: string; text: string; types?: number[] }): void
  bind(portal: { portal: string; statement: string; values: readonly (string | null)[] }): void
  describe(portal: { type: 'P'; name: string }): void
  execute(portal: { portal: string }): void
  sync(): void
  sendCopyFail(message: string): void
  prependListener(event: 'readyForQuery', listener: (message: { status: string }) => void): this
}

/** What is known of a connection. */
interface WireState {
  /** The texts of the statements that are prepared on it, by name. */
  readonly prepared: Map<string, string>
  /** Of its last answer: `I` outside a transaction. */
  status?: string
}

const states = new WeakMap<Wire, WireState>()

function stateOf(wire: Wire): WireState {
  let state = states.get(wire)
  if (state === undefined) {
    const made: WireState = { prepared: new Map() }
    states.set(wire, (state = made))
    // The client's own listener is there already, and hands the message on without its status.
    wire.prependListener('readyForQuery', ({ status }) => (made.status = status))
  }
  return state
}

/** What a query reports in the end, once. */
export interface Outcome {
  resolve(rows: ResultRow[][]): void
  reject(error: Error): void
}

/** A statement whose values are as they are sent, under a name if it is prepared. */
interface WireStatement {
  readonly name: string
  readonly text: string
  readonly values: readonly (string | null)[]
}

/**
 * Several statements for a client of `pg`, sent in one piece with one Sync at the end. Postgres runs them as one
 * transaction, which ends with the Sync: one round trip, and what a `set_config(…, true)` among them sets ends with it.
 *
 * It extends the class of the client's own queries, since a client with `pipeline: true` takes no other.
 *
 * @param client whose query it will be
 * @param nameOf the name to prepare a statement under; undefined where it is not prepared
 */
export function pipelinedQuery(
  client: Client,
  statements: readonly Statement[],
  nameOf: (statement: Statement) => string | undefined,
  outcome: Outcome,
): Query {
  const { Query: ClientQuery } = client.constructor as unknown as {
    readonly Query: new (config: { text: string }) => object
  }
  const sent: readonly WireStatement[] = statements.map((statement) => ({
    name: nameOf(statement) ?? '',
    text: statement.text,
    values: statement.values.map(toWireValue),
  }))
  const results: ResultRow[][] = sent.map(() => [])
  let state: WireState | undefined
  let completed = 0
  let columns: readonly Column[] = []
  let isSettled = false
  const settle = (report: () => void): void => {
    if (isSettled) return
    isSettled = true
    report()
  }

  class PipelinedQuery extends ClientQuery {
    submit(wire: Wire): void {
      const { prepared } = (state = stateOf(wire))
      wire.stream.cork()
      try {
        for (const { name, text, values } of sent) {
          if (name === '' || prepared.get(name) !== text) {
            // Closing what is not there is no error.
            if (name !== '') wire.close({ type: 'S', name })
            wire.parse({ name, text })
          }
          wire.bind({ portal: '', statement: name, values })
          wire.describe({ type: 'P', name: '' })
          wire.execute({ portal: '' })
        }
        wire.sync()
      } finally {
        wire.stream.uncork()
      }
    }
    handleRowDescription({ fields }: { fields: readonly Field[] }): void {
      columns = fields.map(({ name, dataTypeID }) => ({ name, parse: PARSERS[dataTypeID] }))
    }
    handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
      results[completed]?.push(toRow(columns, fields))
    }
    handleCommandComplete(): void {
      completed++
      columns = []
    }
    handleEmptyQuery(): void {
      completed++
    }
    handlePortalSuspended(): void {}
    handleCopyInResponse(wire: Wire): void {
      wire.sendCopyFail('COPY is not used here.')
    }
    handleCopyData(): void {}
    /** An error of the server, or the end of the connection. */
    handleError(error: Error): void {
      // Which of them were prepared before it is not known.
      for (const { name } of sent) state?.prepared.delete(name)
      settle(() => outcome.reject(error))
    }
    /** Only now is it committed: a deferred constraint may fail after the last statement. */
    handleReadyForQuery(): void {
      for (const { name, text } of sent) if (name !== '') state!.prepared.set(name, text)
      settle(() => {
        if (state!.status !== 'I') outcome.reject(new OpenTransactionError())
        else outcome.resolve(results)
      })
    }
  }
  return new PipelinedQuery({ text: sent[0]!.text }) as unknown as Query
}

/** The connection was in a transaction that other code had begun and left open: nothing was committed. */
export class OpenTransactionError extends Error {
  constructor() {
    super(
      'A connection of the pool was in a transaction that other code had left open, so nothing was written. ' +
        'End transactions before a connection is released.',
    )
  }
}

interface Field {
  readonly name: string
  readonly dataTypeID: number
}
interface Column {
  readonly name: string
  readonly parse: ((text: string) => unknown) | undefined
}

// Not those of `pg`, which an application may have changed. By the oid of a type.
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  20: Number, // int8
  23: Number, // int4
  701: Number, // float8
  114: JSON.parse, // json
  3802: JSON.parse, // jsonb
}

function toRow(columns: readonly Column[], fields: readonly (string | null)[]): ResultRow {
  const row: Record<string, unknown> = {}
  for (const [index, { name, parse }] of columns.entries()) {
    const text = fields[index]!
    row[name] = text === null || parse === undefined ? text : parse(text)
  }
  return row
}

function toWireValue(value: unknown): string | null {
  if (value === null) return null
  return Array.isArray(value) ? arrayText(value as (string | null)[]) : String(value)
}

function arrayText(items: readonly (string | null)[]): string {
  const elements = items.map((item) => (item === null ? 'NULL' : `"${item.replace(/[\\"]/g, '\\$&')}"`))
  return `{${elements.join(',')}}`
}
