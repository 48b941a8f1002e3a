import type { ScopeProblem } from './scope-result.ts'

export type SuggestionId = 'useHandle' | 'addUser'

export type MessageId =
  | ScopeProblem
  | SuggestionId
  | 'bareMemoryId'
  | 'projectWide'
  | 'internals'
  | 'rawUrl'
  | 'unverifiable'

export const messages: Readonly<Record<MessageId, string>> = {
  missingUser:
    "{{method}}() names no user, so it reaches everybody's memories. Pass {{write}}, or call it on a ScopedMemory.",
  otherScope:
    '{{method}}() names {{given}} but no user, so everybody behind that {{given}} shares it. Add {{write}}, or call it on a ScopedMemory.',
  ignoredUser:
    '{{method}}() does not read a user from here, so the call names none. Pass {{write}}, or call it on a ScopedMemory.',
  undefinedUser:
    '{{method}}() is given an empty user, so it names none. Pass {{write}} with an id that is set, or call it on a ScopedMemory.',
  wildcardUser: '{{method}}() names every user with "*". Pass {{write}}, or call it on a ScopedMemory.',
  severalUsers:
    '{{method}}() names more than one user. Make one call per user with {{write}}, or call it on a ScopedMemory.',
  widenedFilter:
    'The filter of {{method}}() reaches past one user. Put {{write}} beside the other conditions instead of among alternatives, or call it on a ScopedMemory.',
  overridableUser:
    'What is spread after the user in {{method}}() can replace it. Write the user last, or call it on a ScopedMemory.',
  bareMemoryId:
    '{{method}}() acts on any memory whose id it is given, whoever owns it. Call it on a ScopedMemory, which proves the owner first: new ScopedMemory(userId, { client }).{{method}}(…), with the user id that your login verified.',
  projectWide:
    '{{method}}() reaches every user of the project. Keep it out of code that serves a user: list the file under "allowIn", or use a ScopedMemory.',
  internals:
    '{{method}} lies behind the methods of the client, where nothing names a user. Use a ScopedMemory.',
  rawUrl:
    'A request to {{host}} carries the key of the whole project, and nothing makes it name a user. Use a ScopedMemory.',
  unverifiable:
    'It cannot be seen here whether {{method}}() names exactly one user. Write {{write}} in the call, or call it on a ScopedMemory.',
  useHandle: 'Call it on {{handle}}, which is bound to one user.',
  addUser: 'Name the user: {{write}}.',
}
