import { check, type IsolationCheck } from '../isolation-check.ts'
import { rowsOf } from '../memory-handle.ts'
import { QUERY, VERBATIM } from '../harness.ts'
import { body, collisions, disguised, reading, READS, stubborn, USER_KEYS } from './hostile-input.ts'

/** Attacks by what is passed beside a message, a query or an id. */
export const optionAttacks: readonly IsolationCheck[] = [
  check(
    'an option that names a user does not choose whose memories are read',
    'search, getAll and list are called with the other user under every spelling of user_id, alone and in pairs. The user of a handle is decided when it is made.',
    async (stage, alice, bob) => {
      for (const method of READS) {
        const named = USER_KEYS.map((key) => ({ [key]: bob.userId }))
        for (const options of [...named, ...collisions(bob.userId)]) {
          await stage.tries(alice, method, ...reading(method, QUERY, options))
        }
      }
    },
  ),
  check(
    'an option that names a user does not choose for whom a memory is stored',
    'add is called with the other user under every spelling of user_id, alone and in pairs, where the last of two spellings wins.',
    async (stage, alice, bob) => {
      for (const options of [...USER_KEYS.map((key) => ({ [key]: bob.userId })), ...collisions(bob.userId)]) {
        await stage.tries(alice, 'add', `Planted by ${alice.secret}`, { ...VERBATIM, ...options })
      }
    },
  ),
  check(
    'an option that names a user does not choose whose memories are deleted',
    'deleteAll and erase are called with the other user under every spelling of user_id, alone, in pairs and in a filter.',
    async (stage, alice, bob) => {
      const filters = [{ filters: { user_id: bob.userId } }, { filters: { AND: [{ user_id: bob.userId }] } }]
      const named = USER_KEYS.map((key) => ({ [key]: bob.userId }))
      for (const options of [...collisions(bob.userId), ...named, ...filters]) {
        await stage.tries(alice, 'deleteAll', options)
        await stage.tries(alice, 'erase', options)
      }
    },
  ),
  check(
    'an option that names a user does not turn the deletion of one memory into another',
    'delete is called with an own id and the other user as an option.',
    async (stage, alice, bob) => {
      const [first, second] = alice.ids
      await stage.tries(alice, 'delete', first, { userId: bob.userId })
      await stage.tries(
        alice,
        'delete',
        second,
        body(`{"userId":"x","user_id":${JSON.stringify(bob.userId)}}`),
      )
    },
  ),
  check(
    'options that inherit, hide or change a user do not choose one',
    'Options name the other user by a prototype, a getter, a Proxy, toJSON, or only from the second look on. What is checked must be what is sent.',
    async (stage, alice, bob) => {
      for (const key of ['userId', 'user_id']) {
        for (const method of READS) {
          for (const options of disguised(key, bob.userId)) {
            await stage.tries(alice, method, ...reading(method, QUERY, options))
          }
        }
        for (const options of disguised(key, bob.userId)) {
          await stage.tries(
            alice,
            'add',
            `Planted by ${alice.secret}`,
            Object.defineProperty(options, 'infer', { value: false, enumerable: true }),
          )
        }
        for (const options of disguised(key, bob.userId)) await stage.tries(alice, 'deleteAll', options)
      }
    },
  ),
  check(
    'a __proto__ in options that came as JSON names no user and changes no other object',
    'JSON.parse makes __proto__ an own key, which survives spreading. It must not reach the back end or Object.prototype.',
    async (stage, alice, bob) => {
      const user = JSON.stringify(bob.userId)
      for (const json of [
        `{"__proto__":{"user_id":${user},"userId":${user}}}`,
        `{"__proto__":{"filters":{"user_id":${user}}}}`,
        `{"constructor":{"prototype":{"user_id":${user}}}}`,
        `{"infer":false,"metadata":{"__proto__":{"user_id":${user}}}}`,
      ]) {
        for (const method of READS) await stage.tries(alice, method, ...reading(method, QUERY, body(json)))
        await stage.tries(alice, 'add', `Planted by ${alice.secret}`, body(json))
      }
    },
  ),
  check(
    'filters on an add do not choose for whom a memory is stored',
    'mem0 takes the owner of a new memory from filters too, and writes into the object it is given.',
    async (stage, alice, bob) => {
      const { userId } = bob
      for (const filters of [
        { user_id: userId },
        { userId },
        { AND: [{ user_id: userId }] },
        stubborn('user_id', userId),
      ]) {
        await stage.tries(alice, 'add', `Planted by ${alice.secret}`, { ...VERBATIM, filters })
      }
    },
  ),
  check(
    'messages and metadata that name a user are stored for nobody but their author',
    'Messages and metadata carry the other user under the names that mem0 has read an owner from.',
    async (stage, alice, bob) => {
      const { userId } = bob
      const content = `Planted by ${alice.secret}`
      await stage.tries(alice, 'add', [{ role: 'user', content, user_id: userId, userId }], VERBATIM)
      for (const metadata of [
        { user_id: userId },
        { userId },
        { user_id: userId, userId, actor_id: userId },
      ]) {
        await stage.tries(alice, 'add', content, { ...VERBATIM, metadata })
      }
    },
  ),
  check(
    'an update cannot give a memory to another user',
    'A change of an own memory names the other user, or the memory of the other user, inside the change.',
    async (stage, alice, bob) => {
      const [id] = alice.ids
      const [foreign] = bob.ids
      const text = `Changed by ${alice.secret}`
      const { userId } = bob
      for (const change of [
        { text, user_id: userId },
        { text, userId },
        { text, metadata: { user_id: userId, userId } },
        { text, id: foreign, memoryId: foreign, memory_id: foreign },
        body(`{"text":${JSON.stringify(text)},"__proto__":{"user_id":${JSON.stringify(userId)}}}`),
      ]) {
        await stage.tries(alice, 'update', id, change)
      }
      await stage.tries(alice, 'batchUpdate', [{ memoryId: id, text, user_id: userId, userId }])
      await stage.tries(alice, 'batchUpdate', [{ memoryId: id, memory_id: foreign, id: foreign, text }])
      await stage.tries(alice, 'feedback', {
        memoryId: id,
        memory_id: foreign,
        id: foreign,
        feedback: 'NEGATIVE',
      })
    },
  ),
  check(
    'what is stored is the message that was passed, not one inside the options',
    "Options may hold messages of their own, which replace the argument in mem0's client, behind the back of whatever looked at it.",
    async (stage, alice) => {
      const smuggled = `Smuggled by ${alice.secret}`
      await stage.tries(alice, 'add', `Passed by ${alice.secret}`, {
        ...VERBATIM,
        messages: [{ role: 'user', content: smuggled }],
      })
      if (rowsOf(await alice.memory.getAll()).some((row) => row['memory'] === smuggled)) {
        stage.found(
          `add("Passed …", { messages: [{ content: "Smuggled …" }] }) stored the messages of the options`,
        )
      }
    },
  ),
  check(
    'page numbers are numbers, not parts of a request',
    'page and pageSize hold text that continues a query string, or an object that becomes such text.',
    async (stage, alice, bob) => {
      const text = `1&page_size=200&user_id=${encodeURIComponent(bob.userId)}#`
      for (const value of [text, { toString: () => text }, [text], -1, 0, 1.5, NaN, '1']) {
        for (const name of ['page', 'pageSize', 'page_size', 'topK', 'limit']) {
          await stage.tries(alice, 'getAll', { [name]: value })
        }
      }
    },
  ),
  check(
    'asking for other fields shows nobody else',
    "Records are asked for without the field that says whose they are, alone and with a filter that widens. What cannot be shown to be the user's must not be handed out.",
    async (stage, alice, bob) => {
      const widening = [
        undefined,
        { OR: [{ user_id: alice.userId }, { user_id: bob.userId }] },
        { user_id: '*' },
      ]
      for (const method of READS) {
        for (const fields of [['id', 'memory'], ['memory'], []]) {
          for (const filters of widening) {
            await stage.tries(
              alice,
              method,
              ...reading(method, QUERY, { fields, ...(filters && { filters }) }),
            )
          }
        }
      }
    },
  ),
  check(
    'what an assistant says in a conversation stays with the user',
    "The hosted API files what it infers from an agent's messages under the agent alone: other users of that agent can find it and no deletion of the user reaches it. (This check lets the back end infer.)",
    async (stage, alice) => {
      const agentId = `isolation-agent-${alice.secret}`
      const { kind, answer } = {
        answer: undefined,
        ...(await stage.tries(
          alice,
          'add',
          [
            { role: 'user', content: `My dog is called Rex, says ${alice.secret}` },
            { role: 'assistant', content: `I booked a table for two, says ${alice.secret}` },
          ],
          { agentId },
        )),
      }
      if (kind !== 'answered') return
      const stored = async (): Promise<Record<string, unknown>[]> =>
        rowsOf(await alice.memory.getAll()).filter((row) => !alice.ids.includes(String(row['id'])))
      if ((answer as { status?: unknown } | undefined)?.status === 'PENDING') {
        await stage.until(async () => (await stored()).length > 0)
      }
      for (const row of await stored()) {
        if ((row['agentId'] ?? row['agent_id']) === agentId) continue
        stage.found(
          'add([user, assistant], { agentId }) divided the conversation by speaker: what the assistant said is filed under the agent, out of the reach of its user',
        )
      }
    },
  ),
  check(
    'a run, an agent or an app that two users share does not join them',
    'Both users store under one run and one app. Filters and options that name only those must not reach the other user, least of all to delete.',
    async (stage, alice, bob) => {
      const shared = { runId: `isolation-run-${alice.secret}`, appId: `isolation-app-${alice.secret}` }
      for (const party of [alice, bob]) {
        await stage.tries(party, 'add', `Said in a shared run, ${party.secret}`, { ...VERBATIM, ...shared })
        await stage.seen(party, 3)
      }
      const { runId, appId } = shared
      for (const method of READS) {
        for (const filters of [
          { run_id: runId },
          { run_id: '*' },
          { run_id: { in: [runId] } },
          { app_id: appId },
          { agent_id: '*' },
          { OR: [{ run_id: runId }] },
          { AND: [{ run_id: runId }], OR: [{ app_id: appId }] },
        ]) {
          await stage.tries(alice, method, ...reading(method, QUERY, { filters }))
        }
        await stage.tries(alice, method, ...reading(method, QUERY, { runId }))
        await stage.tries(alice, method, ...reading(method, QUERY, { run_id: runId }))
      }
      for (const options of [{ runId }, { run_id: runId }, { appId }, { filters: { run_id: runId } }]) {
        await stage.tries(alice, 'deleteAll', options)
      }
    },
  ),
]
