export {
  createInMemoryClient,
  type InMemoryClient,
  type InMemoryHistoryRow,
  type InMemoryRow,
} from './in-memory-client.ts'
export { checkIsolation, type IsolationFailure, type IsolationReport } from './check-isolation.ts'
export {
  isolationContract,
  type Describe,
  type IsolationContractOptions,
  type It,
} from './isolation-contract.ts'
export type { IsolationCheck } from './isolation-check.ts'
export { isolationChecks } from './isolation-checks.ts'
export type { IsolationOptions } from './isolation-options.ts'
export type { MemoryHandle } from './memory-handle.ts'
