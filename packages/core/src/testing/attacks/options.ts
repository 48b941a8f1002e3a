import { QUERY, VERBATIM } from '../harness.ts'
import { attack, type IsolationCheck } from '../isolation-check.ts'
import { recordsIn } from '../memory-handle.ts'
import {
  collidingUserKeys,
  disguisedProperties,
  fixedProperty,
  fromJson,
  READ_METHODS,
  readArguments,
  USER_KEY_SPELLINGS,
} from './hostile-input.ts'

/** Attacks through options, messages, metadata and changes. */
export const optionAttacks: readonly IsolationCheck[] = [
  attack(
    'an option that names a user does not choose whose memories are read',
    'search, getAll and list are called with the other user under every spelling of user_id, alone and in pairs. The user of a handle is fixed when it is made.',
    async (harness, alice, bob) => {
      for (const method of READ_METHODS) {
        const named = USER_KEY_SPELLINGS.map((key) => ({ [key]: bob.userId }))
        for (const options of [...named, ...collidingUserKeys(bob.userId)]) {
          await harness.call(alice, method, ...readArguments(method, QUERY, options))
        }
      }
    },
  ),
  attack(
    'an option that names a user does not choose who a memory is stored for',
    'add is called with the other user under every spelling of user_id, alone and in pairs, where the last of two spellings wins.',
    async (harness, alice, bob) => {
      for (const options of [
        ...USER_KEY_SPELLINGS.map((key) => ({ [key]: bob.userId })),
        ...collidingUserKeys(bob.userId),
      ]) {
        await harness.call(alice, 'add', `Planted by ${alice.secret}`, { ...VERBATIM, ...options })
      }
    },
  ),
  attack(
    'an option that names a user does not choose whose memories are deleted',
    'deleteAll and erase are called with the other user under every spelling of user_id, alone, in pairs and in a filter.',
    async (harness, alice, bob) => {
      const filters = [{ filters: { user_id: bob.userId } }, { filters: { AND: [{ user_id: bob.userId }] } }]
      const named = USER_KEY_SPELLINGS.map((key) => ({ [key]: bob.userId }))
      for (const options of [...collidingUserKeys(bob.userId), ...named, ...filters]) {
        await harness.call(alice, 'deleteAll', options)
        await harness.call(alice, 'erase', options)
      }
    },
  ),
  attack(
    'an option that names a user does not turn the deletion of one memory into the deletion of others',
    "delete is called with the id of the user's own memory and the other user as an option.",
    async (harness, alice, bob) => {
      const [first, second] = alice.ids
      await harness.call(alice, 'delete', first, { userId: bob.userId })
      await harness.call(
        alice,
        'delete',
        second,
        fromJson(`{"userId":"x","user_id":${JSON.stringify(bob.userId)}}`),
      )
    },
  ),
  attack(
    'options that inherit, hide or change a user do not choose one',
    'Options name the other user through a prototype, a getter, a Proxy or toJSON, or only from the second read on. What is checked must be what is sent.',
    async (harness, alice, bob) => {
      for (const key of ['userId', 'user_id']) {
        for (const method of READ_METHODS) {
          for (const options of disguisedProperties(key, bob.userId)) {
            await harness.call(alice, method, ...readArguments(method, QUERY, options))
          }
        }
        for (const options of disguisedProperties(key, bob.userId)) {
          await harness.call(
            alice,
            'add',
            `Planted by ${alice.secret}`,
            Object.defineProperty(options, 'infer', { value: false, enumerable: true }),
          )
        }
        for (const options of disguisedProperties(key, bob.userId))
          await harness.call(alice, 'deleteAll', options)
      }
    },
  ),
  attack(
    'a __proto__ in parsed JSON options names no user and changes no other object',
    'JSON.parse makes __proto__ an own key, which survives spreading. It must not reach the back end or Object.prototype.',
    async (harness, alice, bob) => {
      const user = JSON.stringify(bob.userId)
      for (const json of [
        `{"__proto__":{"user_id":${user},"userId":${user}}}`,
        `{"__proto__":{"filters":{"user_id":${user}}}}`,
        `{"constructor":{"prototype":{"user_id":${user}}}}`,
        `{"infer":false,"metadata":{"__proto__":{"user_id":${user}}}}`,
      ]) {
        for (const method of READ_METHODS)
          await harness.call(alice, method, ...readArguments(method, QUERY, fromJson(json)))
        await harness.call(alice, 'add', `Planted by ${alice.secret}`, fromJson(json))
      }
    },
  ),
  attack(
    'filters of an add do not choose who a memory is stored for',
    'mem0 also reads the owner of a new memory from filters, and writes into the object it is given.',
    async (harness, alice, bob) => {
      const { userId } = bob
      for (const filters of [
        { user_id: userId },
        { userId },
        { AND: [{ user_id: userId }] },
        fixedProperty('user_id', userId),
      ]) {
        await harness.call(alice, 'add', `Planted by ${alice.secret}`, { ...VERBATIM, filters })
      }
    },
  ),
  attack(
    'messages and metadata that name another user are stored for their author only',
    'Messages and metadata name the other user under keys that mem0 has read an owner from.',
    async (harness, alice, bob) => {
      const { userId } = bob
      const content = `Planted by ${alice.secret}`
      await harness.call(alice, 'add', [{ role: 'user', content, user_id: userId, userId }], VERBATIM)
      for (const metadata of [
        { user_id: userId },
        { userId },
        { user_id: userId, userId, actor_id: userId },
      ]) {
        await harness.call(alice, 'add', content, { ...VERBATIM, metadata })
      }
    },
  ),
  attack(
    'an update cannot give a memory to another user',
    "The change of the user's own memory names the other user, or a memory of the other user.",
    async (harness, alice, bob) => {
      const [id] = alice.ids
      const [foreign] = bob.ids
      const text = `Changed by ${alice.secret}`
      const { userId } = bob
      for (const change of [
        { text, user_id: userId },
        { text, userId },
        { text, metadata: { user_id: userId, userId } },
        { text, id: foreign, memoryId: foreign, memory_id: foreign },
        fromJson(`{"text":${JSON.stringify(text)},"__proto__":{"user_id":${JSON.stringify(userId)}}}`),
      ]) {
        await harness.call(alice, 'update', id, change)
      }
      await harness.call(alice, 'batchUpdate', [{ memoryId: id, text, user_id: userId, userId }])
      await harness.call(alice, 'batchUpdate', [{ memoryId: id, memory_id: foreign, id: foreign, text }])
      await harness.call(alice, 'feedback', {
        memoryId: id,
        memory_id: foreign,
        id: foreign,
        feedback: 'NEGATIVE',
      })
    },
  ),
  attack(
    'what is stored is the message that was passed, not one in the options',
    "mem0's client replaces the message that was passed, and checked, with one that the options hold.",
    async (harness, alice) => {
      const smuggled = `Smuggled by ${alice.secret}`
      await harness.call(alice, 'add', `Passed by ${alice.secret}`, {
        ...VERBATIM,
        messages: [{ role: 'user', content: smuggled }],
      })
      if (recordsIn(await alice.memory.getAll()).some((record) => record['memory'] === smuggled)) {
        harness.report(
          `add("Passed …", { messages: [{ content: "Smuggled …" }] }) stored the messages of the options`,
        )
      }
    },
  ),
  attack(
    'page numbers are numbers, not parts of a request',
    'page and pageSize are text that continues a query string, or an object that turns into such text.',
    async (harness, alice, bob) => {
      const text = `1&page_size=200&user_id=${encodeURIComponent(bob.userId)}#`
      for (const value of [text, { toString: () => text }, [text], -1, 0, 1.5, NaN, '1']) {
        for (const name of ['page', 'pageSize', 'page_size', 'topK', 'limit']) {
          await harness.call(alice, 'getAll', { [name]: value })
        }
      }
    },
  ),
  attack(
    'asking for other fields returns nobody else',
    "Records are requested without the field that names their owner, alone and with a filter that widens the scope. A record that cannot be shown to be the user's must not be returned.",
    async (harness, alice, bob) => {
      const widening = [
        undefined,
        { OR: [{ user_id: alice.userId }, { user_id: bob.userId }] },
        { user_id: '*' },
      ]
      for (const method of READ_METHODS) {
        for (const fields of [['id', 'memory'], ['memory'], []]) {
          for (const filters of widening) {
            await harness.call(
              alice,
              method,
              ...readArguments(method, QUERY, { fields, ...(filters && { filters }) }),
            )
          }
        }
      }
    },
  ),
  attack(
    'what an assistant says in a conversation stays with the user',
    "The hosted API stores what it infers from an agent's messages under the agent alone: other users of that agent can find it, and deleting the user does not delete it. (This check lets the back end infer.)",
    async (harness, alice) => {
      const agentId = `isolation-agent-${alice.secret}`
      const { kind, result } = {
        result: undefined,
        ...(await harness.call(
          alice,
          'add',
          [
            { role: 'user', content: `My dog is called Rex, says ${alice.secret}` },
            { role: 'assistant', content: `I booked a table for two, says ${alice.secret}` },
          ],
          { agentId },
        )),
      }
      if (kind !== 'resolved') return
      const stored = async (): Promise<Record<string, unknown>[]> =>
        recordsIn(await alice.memory.getAll()).filter((record) => !alice.ids.includes(String(record['id'])))
      if ((result as { status?: unknown } | undefined)?.status === 'PENDING') {
        await harness.waitUntil(async () => (await stored()).length > 0)
      }
      for (const record of await stored()) {
        if ((record['agentId'] ?? record['agent_id']) === agentId) continue
        harness.report(
          "add([user, assistant], { agentId }) split the conversation by speaker: what the assistant said is stored under the agent alone, out of its user's reach",
        )
      }
    },
  ),
  attack(
    'a run, an agent or an app that two users share does not connect them',
    'Both users store under one run and one app. Filters and options that name only these must not reach the other user, least of all to delete.',
    async (harness, alice, bob) => {
      const shared = { runId: `isolation-run-${alice.secret}`, appId: `isolation-app-${alice.secret}` }
      for (const user of [alice, bob]) {
        await harness.call(user, 'add', `Said in a shared run, ${user.secret}`, { ...VERBATIM, ...shared })
        await harness.waitForRecords(user, 3)
      }
      const { runId, appId } = shared
      for (const method of READ_METHODS) {
        for (const filters of [
          { run_id: runId },
          { run_id: '*' },
          { run_id: { in: [runId] } },
          { app_id: appId },
          { agent_id: '*' },
          { OR: [{ run_id: runId }] },
          { AND: [{ run_id: runId }], OR: [{ app_id: appId }] },
        ]) {
          await harness.call(alice, method, ...readArguments(method, QUERY, { filters }))
        }
        await harness.call(alice, method, ...readArguments(method, QUERY, { runId }))
        await harness.call(alice, method, ...readArguments(method, QUERY, { run_id: runId }))
      }
      for (const options of [{ runId }, { run_id: runId }, { appId }, { filters: { run_id: runId } }]) {
        await harness.call(alice, 'deleteAll', options)
      }
    },
  ),
]
