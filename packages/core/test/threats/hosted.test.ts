import { openHosted } from '../support/backends.ts'
import { OLDEST } from '../support/mem0.ts'
import { Leak, threats, type Attack, type Harness } from './attack.ts'

const pollute = (key: string, value: unknown) => JSON.parse(`{"${key}":${JSON.stringify(value)}}`) as object

/** Calls that Alice may make and that must neither show nor change what is Bob's. */
function calls(title: string, make: (harness: Harness) => (() => Promise<unknown>)[]): Attack {
  return {
    title,
    async run(harness) {
      for (const call of make(harness)) {
        harness.mustNotShowBob(await harness.attempt(call))
        await harness.mustBeIntact()
      }
    },
  }
}

const attacks: Attack[] = [
  calls('1 · add with the user in both spellings, in either order', ({ memory, bob }) => [
    () => memory.add('planted', { userId: 'x', user_id: bob }),
    () => memory.add('planted', { user_id: bob, userId: 'x' }),
    () => memory.add('planted', { infer: false, userId: 'x', user_id: bob }),
  ]),
  calls('2 · deleteAll with the user in both spellings', ({ memory, bob }) => [
    () => memory.deleteAll({ userId: 'x', user_id: bob }),
  ]),
  calls('3 · deleteAll of a run that another user has too', ({ memory, run }) => [
    () => memory.deleteAll({ runId: run }),
    () => memory.deleteAll({ run_id: run }),
  ]),
  calls('4 · an id that is a step in a path', ({ memory, bob }) => [
    () => memory.get('.'),
    () => memory.get('..'),
    () => memory.history('.'),
    () => memory.update('.', { text: 'x' }),
    () => memory.get(''),
    () => memory.delete('.', { userId: bob }),
    () => memory.delete('.', { user_id: '*' }),
  ]),
  calls('5 · an id with an encoded slash', ({ memory, bob }) => [
    () => memory.get(`user/${bob}`),
    () => memory.get('../entities'),
    () => memory.get('%2e'),
  ]),
  calls('6 · an id that is not a string, or another one each time', ({ memory, bobsId, alicesId }) => [
    () => memory.get([bobsId]),
    () =>
      memory.get({
        toString: (
          (reads = 0) =>
          () =>
            reads++ ? bobsId : alicesId
        )(),
      }),
    () => memory.update([bobsId], { text: 'x' }),
    () => memory.batchDelete([[bobsId]]),
  ]),
  calls('7 · filters with toJSON', ({ memory, bob }) => [
    () => memory.search('secret', { filters: { toJSON: () => ({ user_id: bob }) } }),
    () => memory.getAll({ filters: { toJSON: () => ({ AND: [{ user_id: '*' }] }) } }),
  ]),
  calls('8 · options that change between check and use', ({ memory, bob, alice }) => {
    const turning = (reads = 0) => ({
      get AND() {
        return reads++ === 0 ? [{ user_id: alice }] : [{ user_id: bob }]
      },
    })
    return [
      () =>
        memory.getAll({
          filters: {
            OR: [
              turning(),
              {
                user_id: {
                  get ne() {
                    return 'zz'
                  },
                },
              },
            ],
          },
        }),
      () =>
        memory.search(
          'secret',
          new Proxy(
            {},
            {
              ownKeys: () => ['filters'],
              getOwnPropertyDescriptor: () => ({ enumerable: true, configurable: true, value: 0 }),
              get: () => ({ toJSON: () => ({ user_id: bob }) }),
            },
          ),
        ),
      () =>
        memory.search('secret', {
          filters: pollute('toJSON', 'x'),
          get fields() {
            return ['memory']
          },
          query: 'x',
          user_id: bob,
        }),
      () =>
        memory.getAll({
          filters: {
            OR: [{ user_id: bob }],
            get toJSON() {
              return () => ({ user_id: bob })
            },
          },
        }),
    ]
  }),
  {
    title: '9 · a user id that is not one',
    async run({ attempt, memoryFor, mustNotShowBob, mustBeIntact, alice, bob, run }) {
      for (const id of [undefined, null, '*', { ne: 'zz' }, [alice, bob], '', 'undefined', 'alice ', '.']) {
        const filters = id === undefined ? { run_id: run } : {}
        mustNotShowBob(await attempt(async () => memoryFor(id).search('secret', { filters })))
        mustNotShowBob(await attempt(async () => memoryFor(id).getAll({ filters })))
        await attempt(async () => memoryFor(id).deleteAll(id === undefined ? { runId: '*' } : {}))
        await mustBeIntact()
      }
    },
  },
  {
    title: '11 · what an agent says, stored outside the user',
    async run({ memory, attempt, platform, alice }) {
      await attempt(() =>
        memory.add(
          [
            { role: 'user', content: 'I have a rash' },
            { role: 'assistant', content: 'ALICE-SECRET: eczema' },
          ],
          { agentId: 'support-bot' },
        ),
      )
      await attempt(() => memory.deleteAll())
      const left = [...platform!.store.all()].filter(
        (row) => row.text.includes('eczema') && row.userId !== alice,
      )
      if (left.length > 0) throw new Leak("what was said to Alice outlives the deletion of Alice's memories")
    },
  },
  {
    title: '12 · options that replace arguments or choose a project',
    async run({ memory, attempt, platform, bob }) {
      await attempt(() => memory.add('redacted', { messages: [{ role: 'user', content: 'UNREDACTED' }] }))
      await attempt(() => memory.add('x', { org_id: 'other', project_id: 'other' }))
      await attempt(() => memory.add('x', { metadata: { user_id: bob } }))
      await attempt(() => memory.add('x', pollute('__proto__', { user_id: bob })))
      await attempt(() => memory.search('allowed', { query: 'other' }))
      const sent = JSON.stringify(platform!.requests.map(({ body }) => body))
      for (const trace of ['UNREDACTED', 'project_id', bob, '"query":"other"']) {
        if (sent.includes(trace)) throw new Leak(`${trace} was sent`)
      }
    },
  },
  {
    title: '13 · a page that is a query string',
    async run({ memory, attempt, platform, bob }) {
      await attempt(() => memory.getAll({ page: `1&page_size=200&user_id=${bob}#` }))
      await attempt(() => memory.getAll({ pageSize: `1&user_id=${bob}` }))
      if (platform!.requests.some(({ query }) => query['user_id'] !== undefined))
        throw new Leak('the query named a user')
    },
  },
  {
    title: '14 · an OR beside an AND, which the API drops',
    async run({ memory, attempt, run, mustNotShowBob }) {
      await attempt(() =>
        memory.add('note of Tuesday', { metadata: { day: 'tue' }, infer: false, runId: run }),
      )
      const answer = (await attempt(() =>
        memory.getAll({
          filters: {
            AND: [{ run_id: run }],
            OR: [{ metadata: { day: 'tue' } }, { metadata: { day: 'wed' } }],
          },
        }),
      )) as { results: { memory: string }[] }
      mustNotShowBob(answer)
      const found = answer.results.map(({ memory: text }) => text)
      if (found.length !== 1 || found[0] !== 'note of Tuesday')
        throw new Leak('a condition of the filter was dropped')
    },
  },
  {
    title: '15 · fields without the owner, so that rows cannot be checked',
    async run({ memory, attempt, platform, bob, mustNotShowBob }) {
      platform!.misbehave({ match: { path: /\/v3\/memories\// }, times: 2, with: { foreignRowsOf: bob } })
      mustNotShowBob(await attempt(() => memory.search('secret', { fields: ['id', 'memory'] })))
      mustNotShowBob(await attempt(() => memory.getAll({ fields: ['id', 'memory'] })))
    },
  },
  {
    title: '16 · rows of another user in an answer',
    async run({ memory, attempt, platform, bob, mustNotShowBob }) {
      platform!.misbehave({ match: { path: /\/v3\/memories\// }, times: 2, with: { foreignRowsOf: bob } })
      mustNotShowBob(await attempt(() => memory.search('secret')))
      mustNotShowBob(await attempt(() => memory.getAll()))
    },
  },
  calls("17 · calls by another user's memory id", ({ memory, bobsId, alicesId }) => [
    () => memory.get(bobsId),
    () => memory.history(bobsId),
    () => memory.update(bobsId, { text: 'planted' }),
    () =>
      memory.batchUpdate([
        { memoryId: alicesId, text: 'mine' },
        { memoryId: bobsId, text: 'planted' },
      ]),
    () => memory.delete(bobsId),
    () => memory.batchDelete([alicesId, bobsId]),
  ]),
  {
    title: '17 · rating the memory of another user',
    async run({ memory, attempt, platform, bobsId }) {
      await attempt(() => memory.feedback({ memoryId: bobsId, feedback: 'NEGATIVE' }))
      if (platform!.requests.some(({ path }) => path === '/v1/feedback/'))
        throw new Leak('the feedback was taken')
    },
  },
  {
    title: '20 · the route of everyone reached by the id "events"',
    async run({ memory, attempt, mustNotShowBob }) {
      mustNotShowBob(await attempt(() => memory.get('events')))
    },
  },
]

threats('hosted', openHosted, attacks)
threats(
  'hosted, oldest mem0ai',
  () => openHosted(OLDEST),
  // That one sends pages in the body, where they are not part of a URL.
  attacks.filter(({ title }) => !title.startsWith('13 ·')),
)
