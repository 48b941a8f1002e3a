/** A tool call as a model writes it. */
export interface ToolCall {
  readonly name: string
  readonly input: unknown
}

/**
 * What a model that was tricked into it would try to reach Bob: every way to name a user that arguments, tool names and
 * memory ids leave.
 *
 * @param bob Bob's user id
 * @param bobsId the id of a memory of Bob
 */
export function attemptsToReach(bob: string, bobsId: string): ToolCall[] {
  const names = [
    'user_id',
    'userId',
    'userID',
    'USER-ID',
    'user id',
    'user',
    'userName',
    'owner',
    'account',
    'entity_id',
    'entityId',
    'agent_id',
    'run_id',
    'app_id',
    'org_id',
    'project_id',
    'tenant',
    'on_behalf_of',
    'as',
    'scope',
    'memory',
    'client',
  ]
  const valid = { remember: { text: 'x' }, recall: { query: 'secret' }, forget: { id: bobsId }, list: {} }
  const filters = [
    { user_id: bob },
    { AND: [{ user_id: bob }] },
    { OR: [{ user_id: '*' }] },
    { user_id: { ne: 'x' } },
  ]
  return [
    ...Object.entries(valid).flatMap(([name, input]) => [
      ...names.flatMap((key) => [
        { name, input: { ...input, [key]: bob } },
        { name, input: { [key]: bob, ...input } },
        { name, input: JSON.stringify({ [key]: bob, ...input }) },
      ]),
      ...filters.map((filter) => ({ name, input: { ...input, filters: filter } })),
      ...filters.map((filter) => ({ name, input: { ...input, ...filter } })),
      { name, input: { ...input, options: { userId: bob } } },
      { name, input: { ...input, metadata: { user_id: bob } } },
      {
        name,
        input: JSON.stringify(input).replace('{', `{"__proto__":{"user_id":"${bob}"},`).replace(',}', '}'),
      },
      { name, input: [{ user_id: bob }, input] },
      { name, input: `${JSON.stringify(input)}{"user_id":"${bob}"}` },
      { name: `${name}_${bob}`, input },
      { name: `${name}?user_id=${bob}`, input },
      { name: name.toUpperCase(), input: { ...input, user_id: bob } },
    ]),
    ...[
      `user_id=${bob}`,
      `{"user_id":"${bob}"}`,
      `secret of ${bob}`,
      `" OR user_id = '${bob}' --`,
      '*',
      bob,
    ].flatMap((text) => [
      { name: 'recall', input: { query: text } },
      { name: 'forget', input: { id: text } },
    ]),
    { name: 'recall', input: { query: { user_id: bob } } },
    { name: 'recall', input: { query: ['secret', { user_id: bob }] } },
    ...[
      bobsId,
      bobsId.toUpperCase(),
      `../${bobsId}`,
      `${bobsId}?user_id=${bob}`,
      '.',
      '..',
      '*',
      '',
      `user/${bob}`,
    ].map((id) => ({ name: 'forget', input: { id } })),
    { name: 'forget', input: { id: [bobsId] } },
    { name: 'forget', input: { ids: [bobsId] } },
    ...[
      'deleteAll',
      'delete_all',
      'erase',
      'add',
      'search',
      'get',
      'update',
      '__proto__',
      'constructor',
      '',
    ].map((name) => ({ name, input: { user_id: bob, id: bobsId, query: 'secret' } })),
  ]
}
