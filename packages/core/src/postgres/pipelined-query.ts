import type { PoolClient, Query } from 'pg'
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
  /** The statements that are prepared on it, by name. */
  readonly prepared: Map<string, { readonly text: string; readonly columns: WireResult['columns'] }>
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
 * @param client whose query it will be
 */
export function pipelinedQuery(client: PoolClient, statements: readonly WireStatement[]): PipelinedQuery {
  const { Query: ClientQuery } = client.constructor as unknown as { readonly Query: Base }
  // A client with `pipeline: true` takes only queries of its own class, which are costly to make.
  const Statements = queryOver((client as { pipeline?: boolean }).pipeline === true ? ClientQuery : Object)
  const query = new Statements(statements)
  const results = new Promise<WireResult[]>((resolve, reject) => {
    query.callback = (error) => (error === null ? resolve(query.results) : reject(error))
  })
  return { query: query as unknown as Query, results, isSent: () => query.state !== undefined }
}

type Base = new (config: { text: string }) => object

type StatementsQuery = new (statements: readonly WireStatement[]) => {
  readonly results: WireResult[]
  /** Of the connection that they were sent over. */
  readonly state: WireState | undefined
  /** Where `pg` looks for it: with a `query_timeout` it calls this one, and wraps it to stop its clock. */
  callback: (error: Error | null) => void
}

const classes = new WeakMap<Base, StatementsQuery>()

/** The class of these queries that extends another. Made once: a class of its own for each query would be slow. */
function queryOver(ClientQuery: Base): StatementsQuery {
  const known = classes.get(ClientQuery)
  if (known !== undefined) return known
  class PipelinedStatements extends ClientQuery {
    readonly statements: readonly WireStatement[]
    readonly results: WireResult[]
    state: WireState | undefined = undefined
    callback: (error: Error | null) => void = () => {}
    #completed = 0

    constructor(statements: readonly WireStatement[]) {
      super({ text: statements[0]!.text })
      this.statements = statements
      this.results = statements.map(() => ({ columns: [], rows: [] }))
    }
    submit(wire: Wire): void {
      const { prepared } = (this.state = stateOf(wire))
      wire.stream.cork?.()
      try {
        for (let index = 0; index < this.statements.length; index++) {
          const { name, text, values } = this.statements[index]!
          const known = prepared.get(name)
          if (known?.text !== text) {
            // Closing what is not there is not an error.
            if (name !== '') wire.close({ type: 'S', name })
            wire.parse({ name, text })
          }
          wire.bind({ portal: '', statement: name, values })
          if (known?.text === text) this.results[index]!.columns = known.columns
          else wire.describe({ type: 'P', name: '' })
          wire.execute({ portal: '' })
        }
        wire.sync()
      } finally {
        wire.stream.uncork?.()
      }
    }
    handleRowDescription({ fields }: { fields: WireResult['columns'] }): void {
      this.results[this.#completed]!.columns = fields
    }
    handleDataRow({ fields }: { fields: readonly (string | null)[] }): void {
      this.results[this.#completed]!.rows.push(fields)
    }
    handleCommandComplete(): void {
      this.#completed++
    }
    /** An error of the server, or the end of the connection. */
    handleError(error: Error): void {
      // Which of them were prepared before it is not known.
      for (const { name } of this.statements) this.state?.prepared.delete(name)
      this.callback(error)
    }
    /** Only now is it committed: a deferred constraint may fail after the last statement. */
    handleReadyForQuery(): void {
      const { prepared, status } = this.state!
      for (let index = 0; index < this.statements.length; index++) {
        const { name, text } = this.statements[index]!
        if (name !== '' && !prepared.has(name))
          prepared.set(name, { text, columns: this.results[index]!.columns })
      }
      this.callback(status === 'I' ? null : new OpenTransactionError())
    }
  }
  classes.set(ClientQuery, PipelinedStatements)
  return PipelinedStatements
}

/** The connection was in a transaction that other code had begun and left open: nothing was committed. */
export class OpenTransactionError extends Error {}

/**
 * A statement as it is sent.
 *
 * @param name to prepare it under; empty where it is not prepared
 * @throws TypeError for a value that has no text in Postgres
 */
export function toWireStatement({ text, values }: Statement, name: string): WireStatement {
  return { name, text, values: values.map(toWireValue) }
}

/** The rows of a result. */
export function toRows({ columns, rows }: WireResult): ResultRow[] {
  return rows.map((fields) => {
    const row: Record<string, unknown> = {}
    for (let index = 0; index < columns.length; index++) {
      const { name, dataTypeID } = columns[index]!
      const text = fields[index]!
      const parse = PARSERS[dataTypeID]
      row[name] = text === null || parse === undefined ? text : parse(text)
    }
    return row
  })
}

// Not those of `pg`, which an application may have changed. By the oid of a type.
const PARSERS: Readonly<Record<number, (text: string) => unknown>> = {
  16: (text) => text === 't', // bool
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
