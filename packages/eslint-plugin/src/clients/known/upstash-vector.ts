import type { ClientDescription, Method, UserPlaces } from '../client-description.ts'

/** The methods of an index, or of a namespace of it, which takes no other namespace. */
function methods(namespaceAt: (argument: number) => UserPlaces): Record<string, Method> {
  const inOptions = namespaceAt(1)
  const scoped = (...at: string[]): Method => ({ kind: 'scoped', argument: 0, at, ...inOptions })
  return {
    query: scoped('filter'),
    resumableQuery: scoped('filter'),
    range: scoped(),
    upsert: scoped('metadata', '[].metadata'),
    update: { kind: 'byId', ids: [{ argument: 0, at: 'id' }], ...inOptions },
    fetch: {
      kind: 'byId',
      ids: [
        { argument: 0, at: 'ids' },
        { argument: 0, at: '' },
      ],
      ...inOptions,
    },
    delete: {
      kind: 'scoped',
      argument: 0,
      at: ['filter'],
      ids: [
        { argument: 0, at: 'ids' },
        { argument: 0, at: '' },
      ],
      ...inOptions,
    },
    reset: { kind: 'projectWide', ...namespaceAt(0) },
  }
}

const inOptions = (argument: number): UserPlaces => ({ partitions: [{ argument, at: 'namespace' }] })

/** Upstash Vector, where one user's vectors are in a namespace, or a filter on the metadata tells them apart. */
export const upstashVector: ClientDescription = {
  modules: ['@upstash/vector', '@upstash/vector/cloudflare', '@upstash/vector/nodejs'],
  classes: ['Index'],
  userKeys: ['user_id', 'userId'],
  filter: 'text',
  write: '.namespace(userId)',
  methods: {
    namespace: { kind: 'part', part: 'Namespace', partitions: [{ argument: 0, at: '' }] },
    queryMany: { kind: 'scoped', argument: 0, at: ['[].filter'], ...inOptions(1) },
    ...methods(inOptions),
  },
  parts: { Namespace: { methods: methods(() => ({})) } },
}
