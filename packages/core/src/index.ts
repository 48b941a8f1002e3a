export { createMemoryFactory, ScopedMemory, type MemoryFactory } from './scoped-memory.ts'
export type { ScopedMemoryOptions } from './settings.ts'
export type { NarrowScope } from './scope.ts'
export type { HostedClient, Mem0Client, SelfHostedClient } from './clients.ts'
export type { MemoryRecord } from './records.ts'
export {
  forEachUser,
  type ForEachUserOptions,
  type UserOutcome,
  type UserProgress,
  type UserRun,
  type UserWork,
} from './for-each-user.ts'
export { ensureUserIndex, type UserIndexOfTable, type UserIndexReport } from './user-index.ts'
export type { OperationMessage, ViolationMessage } from './events.ts'
export type {
  Acknowledgement,
  AddOptions,
  AddResult,
  CallOptions,
  DeleteOptions,
  EraseOptions,
  EraseReceipt,
  ExportedMemory,
  GetAllOptions,
  HistoryEntry,
  ListOptions,
  MemoryBatchPatch,
  MemoryFeedback,
  MemoryFilter,
  MemoryMessage,
  MemoryPage,
  MemoryPatch,
  Metadata,
  SearchOptions,
  SearchResult,
} from './types.ts'
export {
  ForeignRecordError,
  InvalidArgumentError,
  InvalidUserIdError,
  MemoryNotFoundError,
  ScopedMemoryError,
  ScopeEscapeError,
  UnsafeBackendError,
  type ScopedMemoryErrorCode,
} from './errors.ts'
