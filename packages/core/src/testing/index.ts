export {
  createInMemoryClient,
  type InMemoryClient,
  type InMemoryHistoryRow,
  type InMemoryRow,
} from './in-memory-client.ts'
export type { IsolationCheck } from './isolation-check.ts'
export type { IsolationOptions, MemoryHandle } from './memory-handle.ts'
export {
  attacks,
  checkIsolation,
  isolationContract,
  uses,
  type Describe,
  type IsolationContractOptions,
  type IsolationFailure,
  type IsolationReport,
  type It,
} from './isolation-contract.ts'
