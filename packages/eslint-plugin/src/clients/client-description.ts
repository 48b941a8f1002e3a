/** Where one argument of a call says something. */
export interface Place {
  /** Position of the argument. */
  readonly argument: number
  /** Property path inside it, such as `namespace`; `''` is the argument itself, `[]` each element of a list. */
  readonly at: string
}

/** Places of a call that hold the user's id itself, rather than conditions with a key for it. */
export interface UserPlaces {
  /** Parts of the store that every call has to choose, such as a namespace: a name that is written out is a choice too. */
  readonly partitions?: readonly Place[]
  /** Names that may be one user's own, such as that of a collection: only one built with an id says so. */
  readonly names?: readonly Place[]
}

/** A call that says in its arguments whose memory it is about. */
export interface ScopedMethod extends UserPlaces {
  readonly kind: 'scoped'
  /** Position of the argument that carries the user under a key. */
  readonly argument?: number
  /** Property paths inside that argument under which the user may stand; `''` is the argument itself. */
  readonly at?: readonly string[]
  /** Keys that name the user in this method, when they differ from the client's. */
  readonly userKeys?: readonly string[]
  /** Where it takes ids of records in place of conditions: then it acts on those, whoever owns them. */
  readonly ids?: readonly Place[]
}

/** Acts on one record by its id, whoever owns it. */
interface ByIdMethod extends UserPlaces {
  readonly kind: 'byId'
  /** Where the ids stand. Default: the first argument. */
  readonly ids?: readonly Place[]
}

/** A call that gives a part of the client: `pinecone.index('notes')`, `index.namespace(userId)`. */
export interface PartMethod extends UserPlaces {
  readonly kind: 'part'
  /** The name of the part, among the client's. */
  readonly part: string
}

export type Method =
  | ScopedMethod
  | PartMethod
  | ByIdMethod
  /** Acts on, or reveals, every user of the project. */
  | ({ readonly kind: 'projectWide' } & UserPlaces)

/** What one class of a client offers. */
export interface Members {
  readonly methods: Readonly<Record<string, Method>>
  /** Properties that hold a part of the client, by their names: `zep.graph`. */
  readonly properties?: Readonly<Record<string, string>>
  /** Properties that bypass every scope. A name that starts with `_` always counts as one. */
  readonly internals?: readonly string[]
}

/** A class of which the client gives instances. */
export interface Part extends Members {
  /** The classes and interfaces that declare its members, when their names differ from the part's. */
  readonly classes?: readonly string[]
}

/** How a filter is written: `{ user_id: id }`, or lists of `{ key: 'user_id', match: { value: id } }`. */
export type FilterSyntax = 'keys' | 'conditions' | 'tuples' | 'text' | 'builder'

/** What a multi-tenant client looks like. This is all that the rules know about a client. */
export interface ClientDescription extends Members {
  /** Module specifiers the client comes from. */
  readonly modules: readonly string[]
  /** Exported classes (`default` for the default export). */
  readonly classes: readonly string[]
  /** Static methods and exported functions that build a client, such as `fromConfig`. */
  readonly factories?: readonly string[]
  /** Keys that name the user, the preferred one first. */
  readonly userKeys: readonly string[]
  /** Keys that narrow a call without naming a user. */
  readonly otherKeys?: readonly string[]
  /** How the conditions in its arguments are written. Default: `keys`. */
  readonly filter?: FilterSyntax
  /** What its methods and properties give, by name. */
  readonly parts?: Readonly<Record<string, Part>>
  /** What names one user in a call, as a report advises it. Default: worked out from the method. */
  readonly write?: string
  /** Hosts of the client's own HTTP API. */
  readonly hosts?: readonly string[]
}

/** The package of a module specifier: `mem0ai` of `mem0ai/oss`. */
export function packageOf(module: string): string {
  return module
    .split('/')
    .slice(0, module.startsWith('@') ? 2 : 1)
    .join('/')
}

/** All that a client and its parts offer. */
export const membersOf = (client: ClientDescription): readonly Members[] => [
  client,
  ...Object.values(client.parts ?? {}),
]

/** The names of the methods and properties that the rules look at, of a client and its parts. */
export const memberNames = (client: ClientDescription): readonly string[] =>
  membersOf(client).flatMap(({ methods, properties }) => [
    ...Object.keys(methods),
    ...Object.keys(properties ?? {}),
  ])
