import { type ClientDescription, membersOf } from '../clients/client-description.ts'
import { type KnownClient, knownClients } from '../clients/known/index.ts'
import { mem0Clients } from '../clients/mem0.ts'

/** Clients as a configuration gives them: by the name of one that comes with the plugin, or described. */
export type NamedClients = readonly (KnownClient | ClientDescription)[]

const nobody: NamedClients = []
const combined = new WeakMap<NamedClients, WeakMap<NamedClients, readonly ClientDescription[]>>()

/**
 * The clients that a rule looks at: those of its own option, those of `settings['scoped-memory'].clients`, and mem0's.
 * Always the same list for the same configuration, as caches are keyed by it.
 *
 * @throws Error when the settings name a client that the plugin does not have or describe one without what is required,
 *   and when a description gives a part that it does not describe.
 */
export function clientsOf(
  { settings }: { readonly settings: Readonly<Record<string, unknown>> },
  option: NamedClients = nobody,
): readonly ClientDescription[] {
  const shared = clientsInSettings(settings) ?? nobody
  if (option === nobody && shared === nobody) return mem0Clients
  const byShared = combined.get(option) ?? new WeakMap<NamedClients, readonly ClientDescription[]>()
  combined.set(option, byShared)
  const before = byShared.get(shared)
  if (before) return before
  const clients = [...option, ...shared].map((client) =>
    typeof client === 'string' ? knownClients[client] : client,
  )
  for (const client of clients) checkParts(client)
  const all = [...clients, ...mem0Clients]
  byShared.set(shared, all)
  return all
}

const checked = new WeakMap<NamedClients, true>()
const where = "settings['scoped-memory']"

/** ESLint checks the options of rules against their schema, but leaves settings to whoever reads them. */
function clientsInSettings(settings: Readonly<Record<string, unknown>>): NamedClients | undefined {
  const own = settings['scoped-memory']
  if (own === undefined) return undefined
  if (typeof own !== 'object' || own === null) throw new Error(`${where} is not an object.`)
  const unknown = Object.keys(own).find((key) => key !== 'clients')
  if (unknown !== undefined) throw new Error(`${where} has no "${unknown}", only "clients".`)
  const { clients } = own as { readonly clients?: NamedClients }
  if (clients === undefined || checked.has(clients)) return clients
  if (!isList(clients)) throw new Error(`${where}.clients is not a list.`)
  for (const [index, client] of clients.entries()) checkClient(client, `${where}.clients[${index}]`)
  checked.set(clients, true)
  return clients
}

function checkParts(client: ClientDescription): void {
  for (const { methods, properties = {} } of membersOf(client)) {
    const given = Object.values(methods).flatMap((method) => (method.kind === 'part' ? [method.part] : []))
    const unknown = [...given, ...Object.values(properties)].find(
      (part) => !Object.hasOwn(client.parts ?? {}, part),
    )
    if (unknown !== undefined)
      throw new Error(`The client of ${client.modules[0]} gives "${unknown}", which is not among its parts.`)
  }
}

const isList = (value: unknown): boolean => Array.isArray(value)

function checkClient(client: unknown, place: string): void {
  if (typeof client === 'string') {
    if (Object.hasOwn(knownClients, client)) return checkTables(knownClients[client as KnownClient], client)
    throw new Error(
      `${place} is "${client}", which is not a client of this plugin. It has: ${Object.keys(knownClients).join(', ')}.`,
    )
  }
  const missing = ['modules', 'classes', 'userKeys', 'methods'].find(
    (key) => typeof client !== 'object' || client === null || !Object.hasOwn(client, key),
  )
  if (missing !== undefined) throw new Error(`${place} has no "${missing}".`)
  checkTables(client as ClientDescription, place)
}

/** A client of which nothing tells what belongs to users is checked nowhere: that has to be said, not passed over. */
function checkTables({ tables }: ClientDescription, name: string): void {
  if (tables?.length !== 0) return
  throw new Error(
    `${name} has no "tables", which say what belongs to users: { ...clients.redis, tables: ['chat:*'] }.`,
  )
}
