import { QUERY, type Harness, type TestUser } from '../harness.ts'
import { attack, type IsolationCheck } from '../isolation-check.ts'
import {
  changingProperty,
  disguisedProperties,
  fromJson,
  proxiedProperty,
  READ_METHODS,
  readArguments,
  withToJson,
} from './hostile-input.ts'

/** Attacks through the filters of a search or a list. */
export const filterAttacks: readonly IsolationCheck[] = [
  attack(
    'a filter does not choose another user',
    'The filter names the other user in both spellings and in either order.',
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () => [
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
  attack(
    'a filter does not choose several users or all of them',
    'The filter gives the user as a wildcard, a list or an operator.',
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () =>
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
  attack(
    'AND does not replace the bound user with another',
    'mem0ai/oss lets clauses under AND overwrite the keys beside it, so a user named there replaces the bound one.',
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () => [
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
  attack(
    'OR does not add another user',
    'The filter names the other user in one of several branches, at every depth.',
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () => [
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
  attack(
    'NOT does not select every other user',
    'The filter excludes the bound user, as an object, as a list and negated twice.',
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () => [
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
  attack(
    "the store's own operators do not reach it",
    "The filter holds the store's own $and, $or and $not, which mem0 passes on.",
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () => [
        { $or: [{ user_id: bob.userId }] },
        { $or: [{ user_id: alice.userId }, { user_id: bob.userId }] },
        { $and: [{ user_id: bob.userId }] },
        { $not: [{ user_id: alice.userId }] },
        { user_id: { $ne: alice.userId } },
        { $where: 'true' },
        { topic: { $gt: '' } },
      ]),
  ),
  attack(
    'a filter key is a name, not part of a query',
    'Stores that concatenate keys into a query execute the operators in a key.',
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () => [
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
  attack(
    'a filter value is data, not part of a query',
    'Stores that concatenate values into a query execute what a list or an object turns into.',
    (harness, alice) =>
      readFilteredBy(harness, alice, () => [
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
  attack(
    'a __proto__ in a parsed JSON filter changes no other object',
    'mem0ai/oss writes operators to the key they are under. Under __proto__ that changes every object of the process, and with it every later filter of every user.',
    async (harness, alice, bob) => {
      const user = JSON.stringify(bob.userId)
      const poison = [
        '{"__proto__":{"ne":"zz"}}',
        `{"__proto__":{"user_id":${user}}}`,
        `{"constructor":{"ne":"zz"}}`,
        `{"prototype":{"ne":"zz"}}`,
      ]
      await readFilteredBy(harness, alice, () =>
        poison.flatMap((json) => [
          fromJson(json),
          fromJson(`{"AND":[${json}]}`),
          fromJson(`{"OR":[${json}]}`),
          fromJson(`{"NOT":[${json}]}`),
          fromJson(`{"topic":{"eq":"isolation"},"AND":[{"topic":${json}}]}`),
        ]),
      )
    },
  ),
  attack(
    'a filter that changes between two reads does not choose another user',
    'The filter reads differently when it is checked and when it is sent: a getter, a Proxy, toJSON, a prototype.',
    (harness, alice, bob) =>
      readFilteredBy(harness, alice, () => {
        const { userId } = bob
        return [
          ...disguisedProperties('user_id', userId),
          ...disguisedProperties('AND', [{ user_id: userId }]),
          changingProperty('user_id', alice.userId, userId),
          changingProperty('AND', [], [{ user_id: userId }]),
          { AND: [changingProperty('user_id', alice.userId, userId)] },
          { AND: [proxiedProperty('user_id', userId)] },
          { AND: [withToJson({ user_id: userId })] },
          withToJson({ AND: [{ user_id: '*' }] }, { topic: 'isolation' }),
          { topic: withToJson({ ne: 'zz' }) },
          { user_id: { toString: () => userId, toJSON: () => userId } },
          [{ user_id: userId }],
        ]
      }),
  ),
]

// The filters are made anew for each method: some of them work only once.
async function readFilteredBy(
  harness: Harness,
  alice: TestUser,
  filters: () => readonly unknown[],
): Promise<void> {
  for (const method of READ_METHODS) {
    for (const filter of filters()) {
      await harness.call(alice, method, ...readArguments(method, QUERY, { filters: filter }))
    }
  }
}
