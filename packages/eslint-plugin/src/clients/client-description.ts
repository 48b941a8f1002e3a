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
  /** Where the name of the table stands that the part is: `supabase.from('memories')`. */
  readonly table?: Place
}

/** Writes records, each of which carries the user under a key. */
export interface RowsMethod extends UserPlaces {
  readonly kind: 'rows'
  readonly argument: number
  /** Property path of the record, or of the list of them, inside that argument. */
  readonly at: string
}

/** A call that the calls chained after it complete: `db.select().from(memories).where(…)`. */
export interface ChainedMethod extends UserPlaces {
  readonly kind: 'chained'
  /** Where the table stands, or the chained call whose first argument it is. Default: it is that of the part. */
  readonly table?: Place | string
  /** The chained call whose first argument holds the records, where the call writes some. */
  readonly rows?: string
}

/** Reads or writes what is stored under keys. */
export interface KeyedMethod extends UserPlaces {
  readonly kind: 'keyed'
  /** Where the key or the pattern stands; the first that is given counts, and a call with none reaches every key. */
  readonly keys: readonly Place[]
}

export type Method =
  | ScopedMethod
  | PartMethod
  | ByIdMethod
  | RowsMethod
  | ChainedMethod
  | KeyedMethod
  /** Acts on, or reveals, every user of the project. */
  | ({ readonly kind: 'projectWide' } & UserPlaces)

/** What one class of a client offers. */
export interface Members {
  readonly methods: Readonly<Record<string, Method>>
  /** Properties that hold a part of the client, by their names: `zep.graph`. */
  readonly properties?: Readonly<Record<string, string>>
  /** The part that any other property holds, one for each table: `prisma.memory`. */
  readonly tableProperties?: string
  /** Properties that bypass every scope. A name that starts with `_` always counts as one. */
  readonly internals?: readonly string[]
}

/** A class of which the client gives instances. */
export interface Part extends Members {
  /** The classes and interfaces that declare its members, when their names differ from the part's; `*` is the name of a table. */
  readonly classes?: readonly string[]
}

/** How a filter is written: `{ user_id: id }`, or lists of `{ key: 'user_id', match: { value: id } }`. */
export type FilterSyntax =
  | 'keys'
  | 'conditions'
  | 'tuples'
  | 'text'
  | 'builder'
  | 'relations'
  | 'expressions'
  | 'calls'

/** What a multi-tenant client looks like. This is all that the rules know about a client. */
export interface ClientDescription extends Members {
  /** Module specifiers the client comes from; one that starts with `*` is the end of a path. */
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
  /**
   * What of a general database belongs to users: the tables, models, or patterns of keys listed, or `byColumn`: those
   * whose type or declaration has one of `userKeys`. Default: everything.
   */
  readonly tables?: 'byColumn' | readonly string[]
  /** Properties, of the type of a table or of its type arguments, whose type has a property for each column. */
  readonly columnsAt?: readonly string[]
  /** Columns that hold the id of one record, in chained calls. */
  readonly idKeys?: readonly string[]
  /**
   * A pattern that the names in the call that builds a client have to match for its calls to be checked, such as those
   * of a service key. Default: any.
   */
  readonly builtWith?: string
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

/** Whether an import of this specifier is one of a client's modules. */
export function isModuleOf({ modules }: Pick<ClientDescription, 'modules'>, specifier: string): boolean {
  if (modules.includes(specifier)) return true
  const path = specifier.replace(/\.[cm]?[jt]s$/, '')
  return modules.some((module) => module.startsWith('*') && path.endsWith(module.slice(1)))
}

/** A text that is in every file that imports a module. */
export const markOf = (module: string): string => module.replace(/^\*/, '')

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

/** What stands for `*` in the name of a class, `''` where the pattern has none; `undefined` for any other class. */
export function matchClass(pattern: string, name: string): string | undefined {
  if (pattern === name) return ''
  const [start, end] = pattern.split('*')
  if (start === undefined || end === undefined || !name.startsWith(start) || !name.endsWith(end))
    return undefined
  return name.slice(start.length, name.length - end.length) || undefined
}
