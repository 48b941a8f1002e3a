// Compiled, never run: every option of mem0's own types is either taken or refused on purpose. An option that a new
// version of mem0ai brings makes one of these lines fail.
import type {
  AddMemoryOptions,
  FeedbackPayload,
  GetAllMemoryOptions,
  MemoryClient,
  MemoryUpdateBody,
  SearchMemoryOptions,
} from 'mem0ai'
import type { Memory } from 'mem0ai/oss'
import type { DATA, OPTIONS } from '../../src/input/operation-options.ts'

type Second<Method> = Method extends (first: never, second: infer Options, ...rest: never[]) => unknown
  ? Options
  : never
type First<Method> = Method extends (first: infer Options, ...rest: never[]) => unknown ? Options : never
type Named<Options> = keyof { [Key in keyof NonNullable<Options> as string extends Key ? never : Key]: true }
type Taken<Table, Operation extends keyof Table, Engine> = Engine extends keyof Table[Operation]
  ? keyof Table[Operation][Engine]
  : never

/** Fails to compile when `Unclassified` is not empty. */
type Classified<Unclassified extends never> = Unclassified

export type HostedAdd = Classified<
  Exclude<Named<AddMemoryOptions>, Taken<typeof OPTIONS, 'add', 'hosted'> | 'userId'>
>
export type HostedSearch = Classified<
  Exclude<Named<SearchMemoryOptions>, Taken<typeof OPTIONS, 'search', 'hosted'>>
>
export type HostedGetAll = Classified<
  Exclude<Named<GetAllMemoryOptions>, Taken<typeof OPTIONS, 'getAll', 'hosted'>>
>
export type HostedUpdate = Classified<
  Exclude<Named<Second<MemoryClient['update']>>, Taken<typeof DATA, 'update', 'hosted'>>
>
export type HostedDelete = Classified<
  Exclude<Named<Second<MemoryClient['delete']>>, Taken<typeof OPTIONS, 'delete', 'hosted'>>
>
export type HostedFeedback = Classified<
  Exclude<Named<FeedbackPayload>, Taken<typeof DATA, 'feedback', 'hosted'>>
>
export type HostedBatchUpdate = Classified<
  Exclude<Named<MemoryUpdateBody>, Taken<typeof DATA, 'batchUpdate', 'hosted'>>
>
// Refused on purpose: of several ids on a deletion the API honours one.
export type HostedDeleteAll = Classified<
  Exclude<Named<First<MemoryClient['deleteAll']>>, 'userId' | 'agentId' | 'appId' | 'runId'>
>

// Refused on purpose: filters on an add name an owner; mem0ai/oss refuses times itself.
export type SelfHostedAdd = Classified<
  Exclude<
    Named<Second<Memory['add']>>,
    Taken<typeof OPTIONS, 'add', 'self-hosted'> | 'userId' | 'filters' | 'timestamp'
  >
>
export type SelfHostedSearch = Classified<
  Exclude<Named<Second<Memory['search']>>, Taken<typeof OPTIONS, 'search', 'self-hosted'> | 'referenceDate'>
>
export type SelfHostedGetAll = Classified<
  Exclude<Named<First<Memory['getAll']>>, Taken<typeof OPTIONS, 'getAll', 'self-hosted'>>
>
// Refused on purpose: "data" is the deprecated name of "text".
export type SelfHostedUpdate = Classified<
  Exclude<
    Named<Exclude<Second<Memory['update']>, string>>,
    Taken<typeof DATA, 'update', 'self-hosted'> | 'data'
  >
>
export type SelfHostedDeleteAll = Classified<
  Exclude<Named<First<Memory['deleteAll']>>, 'userId' | 'agentId' | 'runId'>
>
export type SelfHostedDelete = Classified<Exclude<Parameters<Memory['delete']>['length'], 1>>

/** And the methods: one that mem0 gains is looked at before anything is built on it. */
export type HostedMethods = Classified<
  Exclude<
    keyof MemoryClient,
    | 'add'
    | 'search'
    | 'getAll'
    | 'get'
    | 'update'
    | 'delete'
    | 'deleteAll'
    | 'history'
    | 'batchUpdate'
    | 'batchDelete'
    | 'feedback'
    | 'apiKey'
    | 'host'
    | 'headers'
    | 'client'
    | 'telemetryId'
    | 'ping'
    | 'users'
    | 'deleteUser'
    | 'deleteUsers'
    | 'getProject'
    | 'updateProject'
    | 'getWebhooks'
    | 'createWebhook'
    | 'updateWebhook'
    | 'deleteWebhook'
    | 'getProfile'
    | 'generateProfile'
    | 'getProfileSettings'
    | 'updateProfileSettings'
    | 'sampleProfiles'
    | 'getProfileJob'
    | 'createMemoryExport'
    | 'getMemoryExport'
    | `_${string}`
  >
>
