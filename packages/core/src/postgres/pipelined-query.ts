import type { PoolClient, Query } from 'pg'
import { InvalidArgumentError } from '../errors.ts'
import type { ResultRow, Statement } from './database.ts'

/** What of a connection of `pg` a query of one's own writes to; `pg-cursor` and `pg-query-stream` do the same. */
interface Wire {
  /** Not every stream that a pool can be given can be corked. */
  readonly stream: { cork?(): void; uncork?(): void }
  close(target: { type: 'S'; name: string }): void
  parse(statement: { name: string; text: string }): void
  bind(portal: { portal: string; statement: string; values: readonly (string | null)[] }): void
  describe(portal: { type: 'P'; name: string }): void
  execute(portal: { portal: string }): void
  sync(): void
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

/** A statement whose values are as they are sent. */
export interface WireStatement {
  /** Under which it is prepared; empty where it is not. */
  readonly name: string
  readonly text: string
  readonly values: readonly (string | null)[]
}

/** What a statement gave, as it was received. */
export interface WireResult {
  columns: readonly { readonly name: string; readonly dataTypeID: number }[]
  readonly rows: (readonly (string | null)[])[]
}

/** Statements on their way. */
export interface PipelinedQuery {
  /** What `query` of the client takes. */
  readonly query: Query
  /** Settles once the server has committed, or has said why not, or the connection has ended. */
  readonly results: Promise<WireResult[]>
  /** Whether the server may have received them. */
  isSent(): boolean
}

/**
 * Several statements for a client of `pg`, sent in one piece with one Sync at the end. Postgres runs them as one
 * transaction, which ends with the Sync: one round trip, and what a `set_config(…, true)` among them sets ends with it.
 *
 * @param client whose query it will be: it extends the class of the client's own queries, since a client with
 *   `pipeline: true` takes no other
 */
export function pipelinedQuery(client: PoolClient, statements: readonly WireStatement[]): PipelinedQuery {
  const { Query: ClientQuery } = client.constructor as unknown as {
    readonly Query: new (config: { text: string }) => object
  }
  const results: WireResult[] = statements.map(() => ({ columns: [], rows: [] }))
  let state: WireState | undefined
  let completed = 0
  let settle: (error: Error | null) => void
  const settled = new Promise<WireResult[]>((resolve, reject) => {
    settle = (error) => (error === null ? resolve(results) : reject(error))
  })

  class StatementsQuery extends ClientQuery {
    // Where `pg` looks for it: with a `query_timeout` it calls this one, and wraps it to stop its clock.
    callback = settle

    submit(wire: Wire): void {
      const { prepared } = (state = stateOf(wire))
      wire.stream.cork?.()
      try {
        for (const { name, text, values } of statements) {
          if (name === '' || prepared.get(name) !== text) {
            // Closing what is not there is not an error.
            if (name !== '') wire.close({ type: 'S', name })
            wire.parse({ name, text })
          }
          wire.bind({ portal: '', statement: name, values })
          wire.describe({ type: 'P', name: '' })
          wire.execute({ portal: '' })
        }
        wire.sync()
      } finally {
        wire.stream.uncork?.()
      }
    }
    handleRowDescription({ fields }: { fields: WireResult['columns'] }): void {
      results[completed]!.columns = fields
    }
    handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
      results[completed]!.rows.push(fields)
    }
    handleCommandComplete(): void {
      completed++
    }
    /** An error of the server, or the end of the connection. */
    handleError(error: Error): void {
      // Which of them were prepared before it is not known.
      for (const { name } of statements) state?.prepared.delete(name)
      this.callback(error)
    }
    /** Only now is it committed: a deferred constraint may fail after the last statement. */
    handleReadyForQuery(): void {
      for (const { name, text } of statements) if (name !== '') state!.prepared.set(name, text)
      this.callback(state!.status === 'I' ? null : new OpenTransactionError())
    }
  }
  const query = new StatementsQuery({ text: statements[0]!.text })
  return { query: query as unknown as Query, results: settled, isSent: () => state !== undefined }
}

/** The connection was in a transaction that other code had begun and left open: nothing was committed. */
export class OpenTransactionError extends Error {}

/** The protocol counts them in two bytes. */
const MAX_VALUES = 65_535

/**
 * A statement as it is sent.
 *
 * @param name to prepare it under; empty where it is not prepared
 * @throws InvalidArgumentError for more values than a statement can have
 * @throws TypeError for a value that has no text in Postgres
 */
export function toWireStatement({ text, values }: Statement, name: string): WireStatement {
  if (values.length > MAX_VALUES) {
    throw new InvalidArgumentError(
      `The filter has more values than Postgres takes in one statement (${MAX_VALUES}). Ask in parts.`,
    )
  }
  return { name, text, values: values.map(toWireValue) }
}

/** The rows of a result. */
export function toRows({ columns, rows }: WireResult): ResultRow[] {
  return rows.map((fields) =>
    Object.fromEntries(
      columns.map(({ name, dataTypeID }, index) => {
        const text = fields[index]!
        const parse = PARSERS[dataTypeID]
        return [name, text === null || parse === undefined ? text : parse(text)]
      }),
    ),
  )
}

// Not those of `pg`, which an application may have changed. By the oid of a type.
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  20: Number, // int8
  23: Number, // int4
  701: Number, // float8
  114: JSON.parse, // json
  3802: JSON.parse, // jsonb
}

function toWireValue(value: unknown): string | null {
  if (value === null) return null
  if (Array.isArray(value)) return `{${value.map(arrayElement).join(',')}}`
  if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean')
    return String(value)
  throw new TypeError(`A parameter of the type ${typeof value} has no text in Postgres.`)
}

function arrayElement(item: unknown): string {
  if (item === null) return 'NULL'
  if (typeof item === 'string') return `"${item.replace(/[\\"]/g, '\\$&')}"`
  throw new TypeError(`An array with an element of the type ${typeof item} has no text in Postgres.`)
}
