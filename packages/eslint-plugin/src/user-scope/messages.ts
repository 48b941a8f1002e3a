import type { ScopeProblem } from './scope-result.ts'

export type SuggestionId = 'useHandle' | 'addUser'

export type ProblemId =
  | ScopeProblem
  | 'bareMemoryId'
  | 'projectWide'
  | 'internals'
  | 'rawUrl'
  | 'unverifiable'

export type MessageId = ProblemId | `client${Capitalize<ProblemId>}` | SuggestionId

/** What is said of a call on mem0, where a ScopedMemory is the way out. */
const ofMem0: Readonly<Record<ProblemId, string>> = {
  missingUser:
    "{{method}}() names no user, so it reaches everybody's memories. Pass {{write}}, or call it on a ScopedMemory.",
  otherScope:
    '{{method}}() names {{given}} but no user, so everyone who uses that {{given}} shares its memories. Add {{write}}, or call it on a ScopedMemory.',
  ignoredUser:
    '{{method}}() does not read a user from here, so the call names none. Pass {{write}}, or call it on a ScopedMemory.',
  undefinedUser:
    '{{method}}() is given an empty user, so it names none. Pass {{write}} with an id that is set, or call it on a ScopedMemory.',
  wildcardUser: '{{method}}() names every user with "*". Pass {{write}}, or call it on a ScopedMemory.',
  severalUsers:
    '{{method}}() names more than one user. Make one call per user with {{write}}, or call it on a ScopedMemory.',
  widenedFilter:
    'The filter of {{method}}() matches the memories of more than one user. Put {{write}} beside the other conditions, not among alternatives, or call it on a ScopedMemory.',
  overridableUser:
    'What is spread after the user in {{method}}() can replace it. Write the user last, or call it on a ScopedMemory.',
  bareMemoryId:
    '{{method}}() acts on any memory by its id, whoever owns it. Call it on a ScopedMemory, which checks the owner first: new ScopedMemory(userId, { client }).{{method}}(…), with the user id that your login verified.',
  projectWide:
    '{{method}}() reaches every user of the project. Keep it in administration code and list that file under "allowIn", or use a ScopedMemory.',
  internals: '{{method}} bypasses the methods of the client, so nothing names a user. Use a ScopedMemory.',
  rawUrl:
    'A request to {{host}} carries the key of the whole project, and nothing requires it to name a user. Use a ScopedMemory.',
  unverifiable:
    'This code does not show whether {{method}}() names exactly one user. Write {{write}} in the call, or call it on a ScopedMemory.',
}

/** The same of any other client. */
const ofOthers: Readonly<Record<ProblemId, string>> = {
  missingUser: "{{method}}() names no user, so it reaches everybody's records. Write {{write}}.",
  otherScope:
    '{{method}}() names {{given}} but no user, so everyone who uses that {{given}} shares its records. Add {{write}}.',
  ignoredUser: '{{method}}() does not read a user from here, so the call names none. Write {{write}}.',
  undefinedUser:
    '{{method}}() is given an empty user, so it names none. Write {{write}} with an id that is set.',
  wildcardUser: '{{method}}() names every user with "*". Write {{write}}.',
  severalUsers: '{{method}}() names more than one user. Make one call per user with {{write}}.',
  widenedFilter:
    'The filter of {{method}}() matches the records of more than one user. Require the user beside the other conditions, not among alternatives.',
  overridableUser: 'What is spread after the user in {{method}}() can replace it. Write the user last.',
  bareMemoryId:
    '{{method}}() acts on any record by its id, whoever owns it. {{advice}} the owner before the call.',
  projectWide:
    '{{method}}() reaches the records of every user. Keep it in administration code and list that file under "allowIn".',
  internals: '{{method}} bypasses the methods of the client, so nothing names a user. Use its methods.',
  rawUrl:
    'A request to {{host}} carries a key that reaches every user, and nothing requires it to name one. Use the client.',
  unverifiable:
    'This code does not show whether {{method}}() names exactly one user. Write {{write}} in the call.',
}

const otherId = (id: ProblemId): `client${Capitalize<ProblemId>}` =>
  `client${id.charAt(0).toUpperCase()}${id.slice(1)}` as `client${Capitalize<ProblemId>}`

/** The message that says a problem of a client. */
export const messageFor = (id: ProblemId, isMem0: boolean): MessageId => (isMem0 ? id : otherId(id))

export const messages = {
  ...ofMem0,
  ...Object.fromEntries(Object.entries(ofOthers).map(([id, text]) => [otherId(id as ProblemId), text])),
  useHandle: 'Call it on {{handle}}, which is bound to one user.',
  addUser: 'Name the user: {{write}}.',
} as Readonly<Record<MessageId, string>>
