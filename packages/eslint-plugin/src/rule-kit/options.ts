import type { TSESLint } from '@typescript-eslint/utils'
import type { JSONSchema4 } from '@typescript-eslint/utils/json-schema'
import { type ClientDescription, markOf } from '../clients/client-description.ts'
import { allowedIn } from './allow-in.ts'
import { clientSchema } from './client-schema.ts'
import { clientsOf, type NamedClients } from './clients.ts'

/** Options of the two rules that ask for a user. */
export interface ScopeOptions {
  /** Whether to ignore calls that may or may not name one user. Default: true. */
  readonly allowUnverifiable?: boolean
  /** Files, as globs from the working directory, that may reach every user, such as an admin task. */
  readonly allowIn?: readonly string[]
  /** More multi-tenant clients to check. */
  readonly clients?: NamedClients
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
  const clients = clientsOf(context, own)
  return {
    clients,
    reportUnverifiable: !allowUnverifiable,
    marks: clients.flatMap(({ modules, hosts = [] }) => [...modules.map(markOf), ...hosts]),
  }
}
