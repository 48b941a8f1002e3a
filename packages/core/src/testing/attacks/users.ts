import { QUERY, VERBATIM, type Harness, type TestUser } from '../harness.ts'
import { attack, type IsolationCheck } from '../isolation-check.ts'
import { recordsIn } from '../memory-handle.ts'

/** Attacks through the user id that a handle is made for. */
export const userAttacks: readonly IsolationCheck[] = [
  attack(
    'a value that is not a user id gets no memory',
    "A missing, empty, reserved or non-string user id must be refused: coerced to a string, it is one memory shared by everyone without an id, or another user's.",
    async (harness, alice, bob) => {
      const notUserIds: unknown[] = [
        undefined,
        null,
        '',
        '   ',
        '\u0000',
        'undefined',
        'null',
        'NaN',
        'true',
        'false',
        '*',
        ' * ',
        '.',
        '..',
        '\ud800',
        42,
        0,
        true,
        NaN,
        [],
        [bob.userId],
        [alice.userId, bob.userId],
        ['*'],
        {},
        { ne: 'zz' },
        { userId: bob.userId },
        { toString: () => bob.userId },
        Object(bob.userId),
        () => bob.userId,
        `${bob.userId}\n`,
      ]
      for (const userId of notUserIds) await checkUserId(harness, userId, 'must refuse')
    },
  ),
  attack(
    'ids that are equal once trimmed are different users',
    "mem0ai/oss trims ids, so an id with whitespace around it is another user's. It must be refused or be a user of its own.",
    async (harness, alice, bob) => {
      const blanks = [' ', '\t', '\n', '\u00a0', '\ufeff', '\u2003', '\u2028']
      for (const blank of blanks) {
        await checkUserId(harness, bob.userId + blank)
        await checkUserId(harness, blank + bob.userId)
      }
    },
  ),
  attack(
    'similar ids are different users',
    'Stores that compare ids case-insensitively, word by word, or only up to a separator or a length confuse users.',
    async (harness, alice) => {
      if (!harness.acceptsAnyUserId) return
      const long = alice.userId.padEnd(70, 'x')
      const lookAlikes = [
        alice.userId.toUpperCase(),
        `${alice.userId}@example.com`,
        `${alice.userId}-2`,
        `auth0|${alice.userId}`,
        `${alice.userId}|2`,
        `${alice.userId},2`,
        `${alice.userId}/2`,
        alice.userId.slice(0, -1),
        alice.userId.replace('a', '\u0430'),
        alice.userId.replace('i', '\u00ed'),
        alice.userId.replace('i', 'i\u0301'),
        `${alice.userId}\u200b`,
        `${long}1`,
        `${long}2`,
      ]
      const others: TestUser[] = []
      for (const [index, userId] of lookAlikes.entries()) {
        try {
          others.push(await harness.addUser(`look-alike ${index + 1} of alice`, userId))
        } catch (error) {
          // A stack may refuse ids that its store cannot tell apart.
          if (!isRefusal(error)) throw error
        }
      }
      for (const user of [alice, ...others]) {
        await harness.call(user, 'getAll')
        await harness.call(user, 'search', QUERY)
        await harness.call(user, 'list')
      }
      await harness.call(alice, 'deleteAll')
    },
  ),
  attack(
    'the user of a handle cannot be changed',
    'userId and similar properties are assigned, defined and merged on an existing handle.',
    async (harness, alice, bob) => {
      const { memory } = alice as { memory: object }
      for (const key of ['userId', 'user_id', '_userId', 'options', 'scope', 'filters']) {
        const value = key.toLowerCase().includes('user')
          ? bob.userId
          : { userId: bob.userId, user_id: bob.userId }
        ignoreThrow(() => Object.assign(memory, { [key]: value }))
        ignoreThrow(() => Object.defineProperty(memory, key, { value, configurable: true }))
      }
      await harness.call(alice, 'getAll')
      await harness.call(alice, 'search', QUERY)
      await harness.call(alice, 'add', `Planted by ${alice.secret}`, VERBATIM)
      await harness.call(alice, 'deleteAll')
    },
  ),
  attack(
    'a handle exposes nothing beyond its user',
    "No client, key or store can be read from a handle, and it has none of mem0's methods that reach beyond one user.",
    (harness, { memory }) => {
      const handle = memory as unknown as Record<string, unknown>
      for (const name of PROJECT_WIDE_METHODS) {
        if (typeof handle[name] === 'function')
          harness.report(`the handle has ${name}(), which reaches beyond its user`)
      }
      for (const name of INTERNALS) {
        if (handle[name] !== undefined) harness.report(`the handle exposes its ${name}`)
      }
    },
  ),
  attack(
    'users served at the same time each get their own memories',
    'Both users search, list and get concurrently. Requests must not share state.',
    async (harness, alice, bob) => {
      const calls = (user: TestUser): Promise<unknown>[] => [
        harness.call(user, 'search', QUERY, { topK: 5 }),
        harness.call(user, 'getAll', {}),
        harness.call(user, 'get', user.ids[0]),
        harness.call(user, 'list'),
        harness.call(user, 'history', user.ids[1]),
      ]
      for (let round = 0; round < 3; round++) {
        await Promise.all([...calls(alice), ...calls(bob), ...calls(alice)])
      }
    },
  ),
  attack(
    'an options object shared by two users does not mix their memories',
    'A module keeps its default options in one object, and both users add with it at the same time. mem0ai/oss writes the user into the filters it is given. (Two of the adds let the back end infer.)',
    async (harness, alice, bob) => {
      for (const shared of [
        { ...VERBATIM, filters: {} },
        { ...VERBATIM, metadata: { topic: 'shared' } },
        { filters: {} },
      ]) {
        const shown = harness.show(shared)
        const added = await Promise.all(
          [alice, bob].map(async (user) => {
            const mark = `shared options, ${user.secret}`
            harness.markChanged(user)
            await user.memory.add(`I said something with ${mark}` as never, shared as never).catch(() => {})
            return { user, mark }
          }),
        )
        for (const { user, mark } of added) {
          for (const other of [alice, bob]) {
            if (other === user) continue
            if (
              recordsIn(await other.memory.getAll()).some((record) => String(record['memory']).includes(mark))
            ) {
              harness.report(
                `add(…, ${shown}) by both users at once stored a memory of ${user.name} under ${other.name}`,
              )
            }
          }
        }
      }
    },
  ),
]

const PROJECT_WIDE_METHODS = [
  'users',
  'deleteUser',
  'deleteUsers',
  'reset',
  'createMemoryExport',
  'getMemoryExport',
  'getProject',
  'updateProject',
  'getWebhooks',
  'createWebhook',
  'updateWebhook',
  'deleteWebhook',
  'generateProfile',
  'sampleProfiles',
  'getProfileJob',
  'getProfileSettings',
  'updateProfileSettings',
  '_fetchRawJson',
  '_fetchWithErrorHandling',
  'addToVectorStore',
  'updateMemory',
  'deleteMemory',
]
const INTERNALS = [
  'client',
  'apiKey',
  'headers',
  'host',
  'vectorStore',
  'embedder',
  'llm',
  'db',
  '_entityStore',
  'config',
]

async function checkUserId(harness: Harness, userId: unknown, expected?: 'must refuse'): Promise<void> {
  const shown = harness.show(userId)
  try {
    const memory = await harness.createMemory(userId)
    const results = [await memory.getAll(), await memory.search(QUERY as never)]
    const owner = harness.ownerOfSecretIn(JSON.stringify(results))
    if (owner !== undefined) harness.report(`a handle for the user ${shown} reads the memories of ${owner}`)
    else if (expected === 'must refuse') harness.report(`${shown} was accepted as a user id`)
  } catch {
    // Refused, as it should be.
  }
}

function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'INVALID_USER_ID'
}

function ignoreThrow(change: () => unknown): void {
  try {
    change()
  } catch {
    // Frozen, as it should be.
  }
}
