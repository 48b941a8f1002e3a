import { check, type IsolationCheck } from '../isolation-check.ts'
import { QUERY, type Party, type Stage } from '../harness.ts'
import { body, changing, disguised, pretending, reading, READS, unfolding } from './hostile-input.ts'

/** Attacks by the filter of a search or a list. */
export const filterAttacks: readonly IsolationCheck[] = [
  check(
    'a filter does not choose another user',
    'The filter names the other user, in both spellings and in both orders.',
    (stage, alice, bob) =>
      filterBy(stage, alice, () => [
        { user_id: bob.userId },
        { userId: bob.userId },
        { user_id: 'x', userId: bob.userId },
        { userId: bob.userId, user_id: 'x' },
        { user_id: alice.userId, userId: bob.userId },
        { USER_ID: bob.userId },
        { metadata: { user_id: bob.userId } },
        { user: bob.userId },
      ]),
  ),
  check(
    'a filter does not choose several users, or all of them',
    'The filter asks for the user by a wildcard, a list or an operator.',
    (stage, alice, bob) =>
      filterBy(stage, alice, () =>
        [
          '*',
          { ne: 'zz' },
          { in: [alice.userId, bob.userId] },
          [alice.userId, bob.userId],
          { nin: [] },
          { contains: '' },
          { icontains: '' },
          { gte: '' },
          { eq: bob.userId },
          null,
          true,
        ].flatMap((condition) => [{ user_id: condition }, { AND: [{ user_id: condition }] }]),
      ),
  ),
  check(
    'AND does not put another user in the place of the own one',
    'mem0ai/oss writes what stands under AND over what stands beside it, so that a user named there replaces the bound one.',
    (stage, alice, bob) =>
      filterBy(stage, alice, () => [
        { AND: [{ user_id: bob.userId }] },
        { user_id: alice.userId, AND: [{ user_id: bob.userId }] },
        { user_id: 'x', AND: [{ user_id: bob.userId }] },
        { user_id: 'x', AND: [{ user_id: '*' }] },
        { AND: [{ user_id: alice.userId }, { user_id: bob.userId }] },
        { AND: [{ AND: [{ user_id: bob.userId }] }] },
        { AND: { user_id: bob.userId } },
        { AND: [{ userId: bob.userId }] },
        { AND: [], user_id: bob.userId },
      ]),
  ),
  check(
    'OR does not add another user',
    'The filter names the other user as one of several branches, at each depth.',
    (stage, alice, bob) =>
      filterBy(stage, alice, () => [
        { OR: [{ user_id: bob.userId }] },
        { OR: [{ user_id: alice.userId }, { user_id: bob.userId }] },
        { OR: [{ run_id: '*' }, { user_id: '*' }] },
        { AND: [{ OR: [{ user_id: alice.userId }, { user_id: bob.userId }] }] },
        { AND: [], OR: [{ user_id: bob.userId }] },
        { OR: [{}] },
        { OR: [{ AND: [{ user_id: bob.userId }] }] },
        { OR: [{ topic: 'isolation', user_id: bob.userId }] },
        { OR: [{ topic: 'isolation' }, { note: 'x' }] },
      ]),
  ),
  check(
    'NOT does not turn the own user into all others',
    'The filter excludes the own user, as an object, as a list and twice negated.',
    (stage, alice, bob) =>
      filterBy(stage, alice, () => [
        { NOT: { user_id: alice.userId } },
        { NOT: [{ user_id: alice.userId }] },
        { user_id: 'x', NOT: [{ user_id: alice.userId }] },
        { NOT: [{ NOT: [{ user_id: bob.userId }] }] },
        { NOT: [{ AND: [{ user_id: alice.userId }] }] },
        { NOT: [{ OR: [{ user_id: alice.userId }] }] },
        { AND: [{ NOT: [{ user_id: alice.userId }] }] },
        { NOT: [{}] },
      ]),
  ),
  check(
    'operators of the store do not reach it',
    "The filter holds the store's own $and, $or and $not, which mem0 hands on.",
    (stage, alice, bob) =>
      filterBy(stage, alice, () => [
        { $or: [{ user_id: bob.userId }] },
        { $or: [{ user_id: alice.userId }, { user_id: bob.userId }] },
        { $and: [{ user_id: bob.userId }] },
        { $not: [{ user_id: alice.userId }] },
        { user_id: { $ne: alice.userId } },
        { $where: 'true' },
        { topic: { $gt: '' } },
      ]),
  ),
  check(
    'a filter key is a name, not a piece of a query',
    'Stores that paste keys into a query read a key with operators as part of it.',
    (stage, alice, bob) =>
      filterBy(stage, alice, () => [
        { 'zz = 1 OR user_id': bob.userId },
        { 'zz:{q} | @user_id': bob.userId },
        { "topic' = 'isolation' OR '1' = '1' --": 'x' },
        { "user_id') OR ('1'='1": '1' },
        { 'payload.user_id': bob.userId },
        { '': bob.userId },
        { 'user_id ': bob.userId },
        { ' user_id': bob.userId },
        { 'user_id\u0000': bob.userId },
      ]),
  ),
  check(
    'a filter value is data, not a piece of a query',
    'Stores that paste values into a query read lists and objects as part of it.',
    (stage, alice) =>
      filterBy(stage, alice, () => [
        { topic: ["1 or user_id ne 'zz'"] },
        { topic: ['1 OR user_id != "zz"'] },
        { topic: "isolation' OR '1'='1" },
        { topic: { in: ["x') OR ('1'='1"] } },
        { topic: { eq: { ne: 'x' } } },
        { topic: { or: [{ user_id: '*' }] } },
        { topic: [{ ne: 'x' }] },
        { topic: { contains: "%' OR '1'='1" } },
        { run_id: 'x} | @user_id:{*' },
      ]),
  ),
  check(
    'a __proto__ in a filter that came as JSON changes no other object',
    'mem0ai/oss writes operators to the key they stand under. Under __proto__ that is every object of the process, and every later filter of every user.',
    async (stage, alice, bob) => {
      const user = JSON.stringify(bob.userId)
      const poison = [
        '{"__proto__":{"ne":"zz"}}',
        `{"__proto__":{"user_id":${user}}}`,
        `{"constructor":{"ne":"zz"}}`,
        `{"prototype":{"ne":"zz"}}`,
      ]
      await filterBy(stage, alice, () =>
        poison.flatMap((json) => [
          body(json),
          body(`{"AND":[${json}]}`),
          body(`{"OR":[${json}]}`),
          body(`{"NOT":[${json}]}`),
          body(`{"topic":{"eq":"isolation"},"AND":[{"topic":${json}}]}`),
        ]),
      )
    },
  ),
  check(
    'a filter that changes between two looks does not choose another user',
    'The filter answers one thing to whoever checks it and another to whoever sends it: a getter, a Proxy, toJSON, a prototype.',
    (stage, alice, bob) =>
      filterBy(stage, alice, () => {
        const { userId } = bob
        return [
          ...disguised('user_id', userId),
          ...disguised('AND', [{ user_id: userId }]),
          changing('user_id', alice.userId, userId),
          changing('AND', [], [{ user_id: userId }]),
          { AND: [changing('user_id', alice.userId, userId)] },
          { AND: [pretending('user_id', userId)] },
          { AND: [unfolding({ user_id: userId })] },
          unfolding({ AND: [{ user_id: '*' }] }, { topic: 'isolation' }),
          { topic: unfolding({ ne: 'zz' }) },
          { user_id: { toString: () => userId, toJSON: () => userId } },
          [{ user_id: userId }],
        ]
      }),
  ),
]

// Made anew for each method: some filters work once only.
async function filterBy(stage: Stage, alice: Party, filters: () => readonly unknown[]): Promise<void> {
  for (const method of READS) {
    for (const filter of filters()) {
      await stage.tries(alice, method, ...reading(method, QUERY, { filters: filter }))
    }
  }
}
