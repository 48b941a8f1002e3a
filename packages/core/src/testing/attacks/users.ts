import { check, type IsolationCheck } from '../isolation-check.ts'
import { rowsOf } from '../memory-handle.ts'
import { QUERY, VERBATIM, type Party, type Stage } from '../harness.ts'

/** Attacks by who the user of a handle is. */
export const userAttacks: readonly IsolationCheck[] = [
  check(
    'what is no user id gets no memory',
    "A missing, empty, reserved or non-string user id must be refused: made a string, it is one memory that everybody without an id shares, or somebody's.",
    async (stage, alice, bob) => {
      const refused: unknown[] = [
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
      for (const userId of refused) await looksAs(stage, userId, 'must refuse')
    },
  ),
  check(
    'ids that become the same when trimmed are not the same user',
    "mem0ai/oss trims ids, so that an id with a blank around it is another user's. It must be refused, or be a user of its own.",
    async (stage, alice, bob) => {
      const blanks = [' ', '\t', '\n', '\u00a0', '\ufeff', '\u2003', '\u2028']
      for (const blank of blanks) {
        await looksAs(stage, bob.userId + blank)
        await looksAs(stage, blank + bob.userId)
      }
    },
  ),
  check(
    'ids that resemble each other are different users',
    'Stores that compare ids without case, word by word, up to a separator or up to a length take one user for another.',
    async (stage, alice) => {
      if (!stage.takesAnyUserId) return
      const long = alice.userId.padEnd(70, 'x')
      const alike = [
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
      const others: Party[] = []
      for (const [index, userId] of alike.entries()) {
        try {
          others.push(await stage.enter(`look-alike ${index + 1} of alice`, userId))
        } catch (error) {
          // A stack may refuse what its store cannot hold apart.
          if (!isRefusal(error)) throw error
        }
      }
      for (const party of [alice, ...others]) {
        await stage.tries(party, 'getAll')
        await stage.tries(party, 'search', QUERY)
        await stage.tries(party, 'list')
      }
      await stage.tries(alice, 'deleteAll')
    },
  ),
  check(
    'the user of a handle cannot be changed',
    'userId and its like are assigned to, defined and merged on a handle that exists.',
    async (stage, alice, bob) => {
      const { memory } = alice as { memory: object }
      for (const key of ['userId', 'user_id', '_userId', 'options', 'scope', 'filters']) {
        const value = key.toLowerCase().includes('user')
          ? bob.userId
          : { userId: bob.userId, user_id: bob.userId }
        attempt(() => Object.assign(memory, { [key]: value }))
        attempt(() => Object.defineProperty(memory, key, { value, configurable: true }))
      }
      await stage.tries(alice, 'getAll')
      await stage.tries(alice, 'search', QUERY)
      await stage.tries(alice, 'add', `Planted by ${alice.secret}`, VERBATIM)
      await stage.tries(alice, 'deleteAll')
    },
  ),
  check(
    'a handle leads to nothing but its user',
    "No client, key or store can be read from a handle, and none of mem0's methods that reach beyond one user can be called on it.",
    (stage, { memory }) => {
      const handle = memory as unknown as Record<string, unknown>
      for (const name of PROJECT_WIDE) {
        if (typeof handle[name] === 'function')
          stage.found(`the handle has ${name}(), which reaches beyond its user`)
      }
      for (const name of INNARDS) {
        if (handle[name] !== undefined) stage.found(`the handle shows its ${name}`)
      }
    },
  ),
  check(
    'users who are served at the same time each get their own',
    'Both users search, list and get at once, over and over. No state may be shared between requests.',
    async (stage, alice, bob) => {
      const calls = (party: Party): Promise<unknown>[] => [
        stage.tries(party, 'search', QUERY, { topK: 5 }),
        stage.tries(party, 'getAll', {}),
        stage.tries(party, 'get', party.ids[0]),
        stage.tries(party, 'list'),
        stage.tries(party, 'history', party.ids[1]),
      ]
      for (let round = 0; round < 3; round++) {
        await Promise.all([...calls(alice), ...calls(bob), ...calls(alice)])
      }
    },
  ),
  check(
    'one options object that two users share does not mix their memories',
    'A module keeps its default options in one object, and both users add with it at the same time. mem0ai/oss writes the user into the filters it is given. (Two of the adds let the back end infer.)',
    async (stage, alice, bob) => {
      for (const shared of [
        { ...VERBATIM, filters: {} },
        { ...VERBATIM, metadata: { topic: 'shared' } },
        { filters: {} },
      ]) {
        const shown = stage.show(shared)
        const marks = await Promise.all(
          [alice, bob].map(async (party) => {
            const mark = `shared options, ${party.secret}`
            stage.changed(party)
            await party.memory.add(`I said something with ${mark}` as never, shared as never).catch(() => {})
            return { party, mark }
          }),
        )
        for (const { party, mark } of marks) {
          for (const other of [alice, bob]) {
            if (other === party) continue
            if (rowsOf(await other.memory.getAll()).some((row) => String(row['memory']).includes(mark))) {
              stage.found(
                `add(…, ${shown}) by both users at once stored a memory of ${party.name} as one of ${other.name}`,
              )
            }
          }
        }
      }
    },
  ),
]

const PROJECT_WIDE = [
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
const INNARDS = [
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

async function looksAs(stage: Stage, userId: unknown, must?: 'must refuse'): Promise<void> {
  const shown = stage.show(userId)
  try {
    const memory = await stage.createMemory(userId)
    const answers = [await memory.getAll(), await memory.search(QUERY as never)]
    const whose = stage.ownerOfSecretIn(JSON.stringify(answers))
    if (whose !== undefined) stage.found(`a handle for the user ${shown} reads the memories of ${whose}`)
    else if (must !== undefined) stage.found(`${shown} was taken for a user id`)
  } catch {
    // Refused, as it should be.
  }
}

function isRefusal(error: unknown): boolean {
  return typeof error === 'object' && error !== null && 'code' in error && error.code === 'INVALID_USER_ID'
}

function attempt(change: () => unknown): void {
  try {
    change()
  } catch {
    // Frozen, as it should be.
  }
}
