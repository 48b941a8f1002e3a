/** Where one kind of call says whose memory it is about. */
export interface ScopedMethod {
  readonly kind: 'scoped'
  /** Position of the argument that carries the user. */
  readonly argument: number
  /** Property paths inside that argument under which the user may stand; `''` is the argument itself. */
  readonly at: readonly string[]
  /** Keys that name the user in this method, when they differ from the client's. */
  readonly userKeys?: readonly string[]
}

export type Method =
  | ScopedMethod
  /** Acts on one record by its id, whoever owns it. */
  | { readonly kind: 'byId' }
  /** Acts on, or reveals, every user of the project. */
  | { readonly kind: 'projectWide' }

/** What a multi-tenant client looks like. This is all that the rules know about a client. */
export interface ClientDescription {
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
  readonly methods: Readonly<Record<string, Method>>
  /** Properties of the client that bypass every scope. A name that starts with `_` always counts as one. */
  readonly internals?: readonly string[]
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
