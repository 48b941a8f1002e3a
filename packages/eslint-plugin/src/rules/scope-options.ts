import type { TSESLint } from '@typescript-eslint/utils'
import type { JSONSchema4 } from '@typescript-eslint/utils/json-schema'
import { type ClientDescription, mem0Clients } from '../mem0/clients.ts'
import { allowedIn, allowInSchema } from './allow-in.ts'

/** Options of the two rules that ask for a user. */
export interface ScopeOptions {
  /** Say nothing about calls of which it cannot be seen whether they name one user. Default: true. */
  readonly allowUnverifiable?: boolean
  /** Files, as globs from the working directory, that may reach every user, such as an admin task. */
  readonly allowIn?: readonly string[]
  /** Further multi-tenant clients to hold to the same rule. */
  readonly clients?: readonly ClientDescription[]
}

const strings = { type: 'array', items: { type: 'string', minLength: 1 }, uniqueItems: true } as const

/** How a client is described in a configuration. */
export const clientsSchema: JSONSchema4 = {
  type: 'array',
  items: {
    type: 'object',
    properties: {
      modules: { ...strings, minItems: 1 },
      classes: { ...strings, minItems: 1 },
      factories: strings,
      userKeys: { ...strings, minItems: 1 },
      otherKeys: strings,
      internals: strings,
      hosts: strings,
      methods: {
        type: 'object',
        minProperties: 1,
        additionalProperties: {
          anyOf: [
            {
              type: 'object',
              properties: {
                kind: { enum: ['scoped'] },
                argument: { type: 'integer', minimum: 0 },
                at: { type: 'array', items: { type: 'string' }, minItems: 1, uniqueItems: true },
                userKeys: { ...strings, minItems: 1 },
              },
              required: ['kind', 'argument', 'at'],
              additionalProperties: false,
            },
            {
              type: 'object',
              properties: { kind: { enum: ['byId', 'projectWide'] } },
              required: ['kind'],
              additionalProperties: false,
            },
          ],
        },
      },
    },
    required: ['modules', 'classes', 'userKeys', 'methods'],
    additionalProperties: false,
  },
} as const satisfies object as unknown as JSONSchema4

export const scopeSchema: TSESLint.RuleMetaData<string>['schema'] = [
  {
    type: 'object',
    properties: {
      allowUnverifiable: { type: 'boolean' },
      allowIn: allowInSchema,
      clients: clientsSchema,
    },
    additionalProperties: false,
  },
]

export interface ReadScopeOptions {
  readonly clients: readonly ClientDescription[]
  readonly reportUnverifiable: boolean
  /** What a file says somewhere in its text when it has to do with a client. */
  readonly marks: readonly string[]
}

/** The options of a rule with their defaults; nothing when the file may do as it likes. */
export function readScopeOptions(
  context: Readonly<TSESLint.RuleContext<string, readonly [ScopeOptions?]>>,
): ReadScopeOptions | undefined {
  const { allowUnverifiable = true, allowIn, clients: own = [] } = context.options[0] ?? {}
  if (allowedIn(context, allowIn)) return undefined
  const clients = [...own, ...mem0Clients]
  return {
    clients,
    reportUnverifiable: !allowUnverifiable,
    marks: clients.flatMap((client) => [...client.modules, ...(client.hosts ?? [])]),
  }
}
