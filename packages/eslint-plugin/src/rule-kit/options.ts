import type { TSESLint } from '@typescript-eslint/utils'
import type { JSONSchema4 } from '@typescript-eslint/utils/json-schema'
import type { ClientDescription } from '../clients/client-description.ts'
import { mem0Clients } from '../clients/mem0.ts'
import { allowedIn, allowInSchema } from './allow-in.ts'

/** Options of the two rules that ask for a user. */
export interface ScopeOptions {
  /** Whether to ignore calls that may or may not name one user. Default: true. */
  readonly allowUnverifiable?: boolean
  /** Files, as globs from the working directory, that may reach every user, such as an admin task. */
  readonly allowIn?: readonly string[]
  /** More multi-tenant clients to check. */
  readonly clients?: readonly ClientDescription[]
}

const strings: JSONSchema4 = { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true }
const named: JSONSchema4 = { ...strings, minItems: 1 }

const method: JSONSchema4 = {
  type: 'object',
  oneOf: [
    {
      type: 'object',
      properties: {
        kind: { type: 'string', enum: ['scoped'] },
        argument: { type: 'integer', minimum: 0 },
        at: { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
        userKeys: named,
      },
      required: ['kind', 'argument', 'at'],
      additionalProperties: false,
    },
    {
      type: 'object',
      properties: { kind: { type: 'string', enum: ['byId', 'projectWide'] } },
      required: ['kind'],
      additionalProperties: false,
    },
  ],
}

const client: JSONSchema4 = {
  type: 'object',
  properties: {
    modules: named,
    classes: named,
    factories: strings,
    userKeys: named,
    otherKeys: strings,
    internals: strings,
    hosts: strings,
    methods: { type: 'object', minProperties: 1, additionalProperties: method },
  },
  required: ['modules', 'classes', 'userKeys', 'methods'],
  additionalProperties: false,
}

/** The schema of a rule that takes one object of options, `clients` and `allowIn` among them. */
export function clientSchema(properties: Readonly<Record<string, JSONSchema4>>): JSONSchema4 {
  return {
    type: 'array',
    items: [
      {
        type: 'object',
        properties: {
          allowIn: allowInSchema,
          clients: { type: 'array', items: { $ref: '#/definitions/client' } },
          ...properties,
        },
        additionalProperties: false,
      },
    ],
    additionalItems: false,
    definitions: { client },
  }
}

export const scopeSchema: JSONSchema4 = clientSchema({ allowUnverifiable: { type: 'boolean' } })

export interface ReadScopeOptions {
  readonly clients: readonly ClientDescription[]
  readonly reportUnverifiable: boolean
  /** Texts, one of which is in each file that mentions a client. */
  readonly marks: readonly string[]
}

/** The options of a rule with their defaults; `undefined` where `allowIn` takes in the file. */
export function readScopeOptions(
  context: Readonly<TSESLint.RuleContext<string, readonly [ScopeOptions?]>>,
): ReadScopeOptions | undefined {
  const { allowUnverifiable = true, allowIn, clients: own } = context.options[0] ?? {}
  if (allowedIn(context, allowIn)) return undefined
  const clients = withMem0(own)
  return {
    clients,
    reportUnverifiable: !allowUnverifiable,
    marks: clients.flatMap((client) => [...client.modules, ...(client.hosts ?? [])]),
  }
}

const combined = new WeakMap<readonly ClientDescription[], readonly ClientDescription[]>()

/** The clients of an option and those of mem0: always the same list for the same option, as caches are keyed by it. */
export function withMem0(own: readonly ClientDescription[] | undefined): readonly ClientDescription[] {
  if (!own) return mem0Clients
  const known = combined.get(own)
  if (known) return known
  const clients = [...own, ...mem0Clients]
  combined.set(own, clients)
  return clients
}
