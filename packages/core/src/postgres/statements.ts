import type { FilterClause } from '../input/filters.ts'
import { DIMENSIONS, type Scope } from '../input/scope.ts'
import type { Statement } from './database.ts'
import { filterConditions, Parameters } from './filter-sql.ts'
import type { TableNames } from './table-names.ts'

/**
 * Whose rows a statement reaches: those of a user, of its agent, app and run where they are named, and of these the ones
 * that pass a filter. Without a user it is everybody's, for calls that go past a handle.
 */
export interface Reach extends Partial<Scope> {
  readonly filter?: readonly FilterClause[]
}

/** The same, of one user. */
export type UserReach = Reach & Pick<Scope, 'userId'>

/** A memory as it is written. */
export interface NewMemory {
  readonly id: string
  readonly vector: readonly number[]
  /** Its words in their basic forms, for the search by words. */
  readonly words: string
  readonly payload: object
}

/** What an update changes; the rest stays. */
export interface ChangedMemory {
  readonly id: string
  /** Null: as before. */
  readonly vector: readonly number[] | null
  /** Null: as before. */
  readonly words: string | null
  /** The keys of the payload that change. */
  readonly payload: object
}

/** An entity as it is written: something that memories speak of, and which of them do. */
export interface NewEntity {
  readonly id: string
  readonly vector: readonly number[]
  readonly links: readonly string[]
  readonly payload: object
}

/** An entity that more memories speak of. */
export type LinkedEntity = Omit<NewEntity, 'payload'>

const DAY = `to_char(now() AT TIME ZONE 'UTC', 'YYYY-MM-DD')`
// As mem0 decides it: a memory is expired from the day after its date, in UTC, and a text that is no date is none.
const NOT_EXPIRED = `NOT coalesce(payload ->> 'expiration_date' ~ '^[0-9]{4}-[0-9]{2}-[0-9]{2}$' AND payload ->> 'expiration_date' < ${DAY}, false)`
/** Postgres keeps less than a megabyte of words for a row, which take up to three times the space of their text. */
export const MAX_STORED_WORDS = 100_000
// All words of a query have to be in a memory. Ranking takes the square of their number, for each that has them.
const MAX_QUERIED_WORDS = 1000
const HISTORY_COLUMNS = 'id, memory_id, previous_value, new_value, action, created_at, updated_at, is_deleted'

/** The statements over the tables of one memory. All but those of a {@link Reach} without a user name it first. */
export class Statements {
  readonly #tables: TableNames

  constructor(tables: TableNames) {
    this.#tables = tables
  }

  /**
   * The memories nearest to a vector: `id`, `user_id`, `payload`, `distance` (of the cosine), and whether their user
   * `has_entities`.
   */
  nearestMemories(reach: UserReach, vector: readonly number[], limit: number): Statement {
    const { memories, entities } = this.#tables
    return this.#nearest(
      memories,
      (user) => `payload, EXISTS (SELECT FROM ${entities} WHERE user_id = ${user}) AS has_entities`,
      reach,
      vector,
      limit,
    )
  }

  /** The entities nearest to a vector: `id`, `user_id`, `payload`, `links`, `distance`. */
  nearestEntities(reach: Reach, vector: readonly number[], limit: number): Statement {
    return this.#nearest(
      this.#tables.entities,
      () => 'payload, to_json(links) AS links',
      reach,
      vector,
      limit,
    )
  }

  #nearest(
    table: string,
    columns: (user: string) => string,
    reach: Reach,
    vector: readonly number[],
    limit: number,
  ): Statement {
    return statement(
      reach,
      ({
        user,
        where,
        add,
      }) => `SELECT id, user_id, ${columns(user)}, vector <=> ${add(vectorText(vector))}::vector AS distance
        FROM ${table} ${where} ORDER BY distance LIMIT ${add(limit)}`,
    )
  }

  /** The memories that have the words of a query, which is in basic forms too: `id`, `score` (of `ts_rank_cd`). */
  memoriesByWords(reach: Reach, words: string, limit: number): Statement {
    return statement(reach, ({ where, add }) => {
      const query = `plainto_tsquery('simple', ${add(firstWords(words, MAX_QUERIED_WORDS))}::text)`
      return `SELECT id, ts_rank_cd(words, ${query}) AS score FROM ${this.#tables.memories}
        ${where} AND words @@ ${query} ORDER BY score DESC LIMIT ${add(limit)}`
    })
  }

  /**
   * Memories in the order in which they were added: `id`, `user_id`, `payload`, `seq`.
   *
   * @param after the `seq` of the last one that was read before; null at the start
   */
  listMemories(
    reach: Reach,
    limit: number,
    { showExpired, after = null }: { showExpired: boolean; after?: number | null },
  ): Statement {
    return statement(reach, ({ where, add }) => {
      const unexpired = showExpired ? '' : ` AND ${NOT_EXPIRED}`
      const next = after === null ? '' : ` AND seq > ${add(after)}::int8`
      return `SELECT id, user_id, payload, seq FROM ${this.#tables.memories} ${where}${next}${unexpired}
        ORDER BY seq LIMIT ${add(limit)}`
    })
  }

  /** Memories by id: `id`, `user_id`, `payload`. */
  memoriesById(reach: Reach, ids: readonly string[]): Statement {
    return statement(
      reach,
      ({ where, add }) =>
        `SELECT id, user_id, payload FROM ${this.#tables.memories} ${where} AND id = ANY(${add(ids)}::uuid[])`,
    )
  }

  /** Entities: `id`, `user_id`, `payload`, `links`. */
  listEntities(reach: Reach, limit: number): Statement {
    return statement(
      reach,
      ({ where, add }) =>
        `SELECT id, user_id, payload, to_json(links) AS links FROM ${this.#tables.entities} ${where} ORDER BY id LIMIT ${add(limit)}`,
    )
  }

  /**
   * What became of memories that still live, newest first. A memory without history is one row whose `id` is null; one
   * that is not there is none.
   */
  history(reach: Reach, ids: readonly string[]): Statement {
    return statement(reach, ({ user, where, add }) => {
      const columns = HISTORY_COLUMNS.split(', ').map((name) =>
        name === 'memory_id' ? 'own.id AS memory_id' : `history.${name}`,
      )
      const all = `${add(ids)}::uuid[]`
      // Named on both sides: a foreign server is sent only what stands in the statement itself.
      const owner = reach.userId === undefined ? 'own.user_id' : user
      return `SELECT own.user_id, ${columns.join(', ')}
        FROM (SELECT user_id, id FROM ${this.#tables.memories} ${where} AND id = ANY(${all})) own
        LEFT JOIN ${this.#tables.history} history
          ON history.user_id = ${owner} AND history.memory_id = ANY(${all}) AND history.memory_id = own.id
        ORDER BY history.id DESC`
    })
  }

  /** What became of a memory, whether it lives or not, newest first. */
  wholeHistory(reach: Pick<Reach, 'userId'>, id: string): Statement {
    return statement(
      reach,
      ({ where, add }) =>
        `SELECT ${HISTORY_COLUMNS} FROM ${this.#tables.history} ${where} AND memory_id = ${add(id)} ORDER BY id DESC`,
    )
  }

  /** Adds memories, with their first entry of history, in this order. */
  addMemories(userId: string, memories: readonly NewMemory[]): Statement {
    return statement({ userId }, ({ user, add }) => {
      const columns = [
        `${add(memories.map(({ id }) => id))}::uuid[]`,
        `${add(memories.map(({ vector }) => vectorText(vector)))}::text[]`,
        `${add(memories.map(({ words }) => firstWords(words, MAX_STORED_WORDS)))}::text[]`,
        `${add(memories.map(({ payload }) => JSON.stringify(payload)))}::text[]`,
      ]
      return `WITH added AS (
          INSERT INTO ${this.#tables.memories} (user_id, id, vector, words, payload)
          SELECT ${user}, id, vector::vector, to_tsvector('simple', words), payload::jsonb
          FROM unnest(${columns.join(', ')}) WITH ORDINALITY AS new (id, vector, words, payload, position) ORDER BY position
          RETURNING id, payload)
        INSERT INTO ${this.#tables.history} (user_id, memory_id, new_value, action, created_at)
        SELECT ${user}, id, payload ->> 'data', 'ADD', payload ->> 'createdAt' FROM added`
    })
  }

  /**
   * Changes memories, with their entries of history. Where one is not there, a division by zero ends the transaction.
   */
  changeMemories(reach: UserReach, changes: readonly ChangedMemory[]): Statement {
    return statement(reach, ({ user, where, add }) => {
      const ids = `${add(changes.map(({ id }) => id))}::uuid[]`
      const columns = [
        ids,
        `${add(changes.map(({ vector }) => (vector === null ? null : vectorText(vector))))}::text[]`,
        `${add(changes.map(({ words }) => (words === null ? null : firstWords(words, MAX_STORED_WORDS))))}::text[]`,
        `${add(changes.map(({ payload }) => JSON.stringify(payload)))}::text[]`,
      ]
      return `WITH old AS (SELECT id, payload ->> 'data' AS data FROM ${this.#tables.memories} ${where} AND id = ANY(${ids})),
        changed AS (
          UPDATE ${this.#tables.memories} memory SET
            vector = coalesce(new.vector::vector, memory.vector),
            words = coalesce(to_tsvector('simple', new.words), memory.words),
            payload = memory.payload || new.payload::jsonb
          FROM unnest(${columns.join(', ')}) AS new (id, vector, words, payload)
          WHERE memory.user_id = ${user} AND memory.id = ANY(${ids}) AND memory.id = new.id AND memory.id IN (SELECT id FROM old)
          RETURNING memory.id, memory.payload),
        recorded AS (
          INSERT INTO ${this.#tables.history} (user_id, memory_id, previous_value, new_value, action, created_at, updated_at)
          SELECT ${user}, id, old.data, payload ->> 'data', 'UPDATE', payload ->> 'createdAt', payload ->> 'updatedAt'
          FROM changed JOIN old USING (id))
        SELECT 1 / (count(*) = cardinality(${ids}))::int FROM changed`
    })
  }

  /** Deletes memories by id, with an entry of history: all of them, or none where one is not there. */
  deleteMemories(reach: UserReach, ids: readonly string[]): Statement {
    return statement(reach, ({ user, where, add }) => {
      const all = `${add(ids)}::uuid[]`
      const own = `${where} AND id = ANY(${all})`
      return this.#deletion(
        user,
        `${own} AND (SELECT count(*) FROM ${this.#tables.memories} ${own}) = cardinality(${all})`,
      )
    })
  }

  /** Deletes every memory of the reach, with an entry of history. */
  deleteEveryMemory(reach: UserReach): Statement {
    return statement(reach, ({ user, where }) => this.#deletion(user, where))
  }

  #deletion(user: string, where: string): string {
    return `WITH gone AS (DELETE FROM ${this.#tables.memories} ${where} RETURNING id, payload ->> 'data' AS data),
      recorded AS (
        INSERT INTO ${this.#tables.history} (user_id, memory_id, previous_value, action, is_deleted)
        SELECT ${user}, id, data, 'DELETE', 1 FROM gone)
      SELECT id FROM gone`
  }

  /** Deletes every memory of the reach with its history. */
  eraseMemories(reach: UserReach): Statement {
    return statement(
      reach,
      ({ user, where }) =>
        `WITH gone AS (DELETE FROM ${this.#tables.memories} ${where} RETURNING id),
        forgotten AS (
          DELETE FROM ${this.#tables.history} WHERE user_id = ${user} AND memory_id IN (SELECT id FROM gone))
        SELECT id FROM gone`,
    )
  }

  /** Deletes what is left of a user's history: that of memories which were deleted before. */
  deleteHistory(userId: string): Statement {
    return statement({ userId }, ({ where }) => `DELETE FROM ${this.#tables.history} ${where}`)
  }

  addEntities(userId: string, entities: readonly NewEntity[]): Statement {
    return statement({ userId }, ({ user, add }) => {
      const columns = [
        ...entityColumns(entities, add),
        `${add(entities.map(({ payload }) => JSON.stringify(payload)))}::text[]`,
      ]
      return `INSERT INTO ${this.#tables.entities} (user_id, id, vector, links, payload)
        SELECT ${user}, id, vector::vector, links::uuid[], payload::jsonb
        FROM unnest(${columns.join(', ')}) AS new (id, vector, links, payload)`
    })
  }

  /** Adds links to entities; one that is gone meanwhile stays so. */
  linkEntities(userId: string, entities: readonly LinkedEntity[]): Statement {
    return statement({ userId }, ({ user, add }) => {
      const columns = entityColumns(entities, add)
      return `UPDATE ${this.#tables.entities} entity SET
          vector = new.vector::vector,
          links = ARRAY(SELECT unnest(entity.links) UNION SELECT unnest(new.links::uuid[]) ORDER BY 1)
        FROM unnest(${columns.join(', ')}) AS new (id, vector, links)
        WHERE entity.user_id = ${user} AND entity.id = ANY(${columns[0]}) AND entity.id = new.id`
    })
  }

  /** Takes memories that were deleted out of the links of their user's entities. Does nothing while one is there. */
  unlinkDeletedMemories(userId: string, ids: readonly string[]): Statement {
    return statement({ userId }, (builder) => {
      const gone = `${builder.add(ids)}::uuid[]`
      return `${this.#unlinking(builder, gone)}
        AND NOT EXISTS (SELECT FROM ${this.#tables.memories} ${builder.where} AND id = ANY(${gone}))`
    })
  }

  /** Takes memories out of the links of their user's entities. */
  unlinkMemories(userId: string, ids: readonly string[]): Statement {
    return statement({ userId }, (builder) => this.#unlinking(builder, `${builder.add(ids)}::uuid[]`))
  }

  #unlinking({ where }: Builder, ids: string): string {
    return `UPDATE ${this.#tables.entities} SET links = ARRAY(SELECT unnest(links) EXCEPT SELECT unnest(${ids}))
      ${where} AND links && ${ids}`
  }

  /** Takes all memories that are not there out of the links of their user's entities. */
  unlinkMissingMemories(userId: string): Statement {
    return statement({ userId }, ({ user, where }) => {
      const there = `(SELECT id FROM ${this.#tables.memories} WHERE user_id = ${user})`
      return `UPDATE ${this.#tables.entities} SET links = ARRAY(SELECT link FROM unnest(links) link WHERE link IN ${there})
        ${where} AND EXISTS (SELECT FROM unnest(links) link WHERE link NOT IN ${there})`
    })
  }

  /** Deletes the entities of which no memory speaks any more. */
  deleteUnlinkedEntities(userId: string): Statement {
    return statement(
      { userId },
      ({ where }) => `DELETE FROM ${this.#tables.entities} ${where} AND links = '{}'`,
    )
  }

  deleteEveryEntity(userId: string): Statement {
    return statement({ userId }, ({ where }) => `DELETE FROM ${this.#tables.entities} ${where}`)
  }

  /**
   * Lets one transaction of a user change what is there, and the others wait. Whoever only adds does not need it.
   */
  takeTurns(userId: string): Statement {
    return statement(
      {},
      ({ add }) => `SELECT pg_advisory_xact_lock(hashtextextended(${add(userId)}::text, 0))::text`,
    )
  }
}

interface Builder {
  /** The placeholder of the user. */
  readonly user: string
  readonly add: (value: unknown) => string
  /** `WHERE …`, which holds for the rows of the reach only. */
  readonly where: string
}

function statement(reach: Reach, text: (builder: Builder) => string): Statement {
  const parameters = new Parameters()
  const user = reach.userId === undefined ? 'NULL' : parameters.add(reach.userId)
  const add = (value: unknown): string => parameters.add(value)
  const conditions = reach.userId === undefined ? ['true'] : [`user_id = ${user}`]
  for (const [name, key] of DIMENSIONS) {
    if (reach[name] !== undefined) conditions.push(`payload ->> '${key}' = ${add(reach[name])}`)
  }
  const filter = reach.filter ?? []
  conditions.push(...filterConditions(filter, parameters))
  return {
    text: text({ user, add, where: `WHERE ${conditions.join(' AND ')}` }),
    values: parameters.values,
    prepared: filter.length === 0,
  }
}

function entityColumns(entities: readonly LinkedEntity[], add: Builder['add']): string[] {
  return [
    `${add(entities.map(({ id }) => id))}::uuid[]`,
    `${add(entities.map(({ vector }) => vectorText(vector)))}::text[]`,
    `${add(entities.map(({ links }) => `{${links.join(',')}}`))}::text[]`,
  ]
}

function vectorText(vector: readonly number[]): string {
  return `[${vector.join(',')}]`
}

/** As many whole words as fit into a number of characters. */
function firstWords(words: string, length: number): string {
  return words.length <= length ? words : words.slice(0, Math.max(0, words.lastIndexOf(' ', length)))
}
