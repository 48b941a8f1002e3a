import type { ClientDescription, Method } from '../client-description.ts'

const scoped = (...at: string[]): Method => ({ kind: 'scoped', argument: 0, at })

/** turbopuffer, where each user has a namespace, or a filter tells the rows of users apart. */
export const turbopuffer: ClientDescription = {
  modules: ['@turbopuffer/turbopuffer'],
  classes: ['Turbopuffer', 'default'],
  userKeys: ['user_id', 'userId'],
  filter: 'tuples',
  write: '.namespace(`user-${userId}`)',
  methods: {
    // No call goes without a namespace, so that only one with an id in its name says whose it is.
    namespace: { kind: 'part', part: 'Namespace', names: [{ argument: 0, at: '' }] },
  },
  parts: {
    Namespace: {
      methods: {
        query: scoped('filters'),
        multiQuery: scoped('queries[].filters'),
        explainQuery: scoped('filters'),
        write: {
          kind: 'scoped',
          argument: 0,
          at: [
            'upsert_rows[]',
            'upsert_columns',
            'patch_rows[]',
            'delete_by_filter',
            'patch_by_filter.filters',
          ],
          ids: [{ argument: 0, at: 'deletes' }],
        },
        deleteAll: { kind: 'projectWide' },
      },
    },
  },
}
