export { createMemoryFactory, ScopedMemory, type MemoryFactory } from './scoped-memory.ts'
export type { ScopedMemoryOptions } from './settings.ts'
export type { NarrowScope } from './input/scope.ts'
export type { HostedClient, Mem0Client, SelfHostedClient } from './engines/clients.ts'
export type {
  MemoryRecord,
  Acknowledgement,
  AddOptions,
  AddResult,
  CallOptions,
  DeleteOptions,
  EraseOptions,
  EraseReceipt,
  ExportedMemory,
  FilterCondition,
  FilterOperators,
  FilterValue,
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
  forEachUser,
  type ForEachUserOptions,
  type UserOutcome,
  type UserProgress,
  type UserRun,
  type UserWork,
} from './batch/for-each-user.ts'
export { ensureUserIndex, type UserIndexOfTable, type UserIndexReport } from './engines/user-index.ts'
export type { OperationMessage, ViolationMessage } from './events.ts'
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
