import type { MemoryRecord } from '../types.ts'
import type { Identity } from './identity.ts'
import type { Row } from './rows.ts'

/**
 * A row as it is handed out: a copy with identity in camelCase, and the user as the caller knows it.
 *
 * @param identity the row's, from {@link identityOf}
 * @param userId the bound user's id; it replaces the stored one, which may be an encoded form
 */
export function toRecord(row: Row, identity: Identity, userId: string): MemoryRecord {
  const { userId: owner, agentId, appId, runId } = identity
  const record: Row = WIRE_NAMES.some((name) => name in row) ? withoutWireNames(row) : { ...row }
  if (typeof owner === 'string') record['userId'] = userId
  if (agentId !== undefined) record['agentId'] = agentId
  if (appId !== undefined) record['appId'] = appId
  if (runId !== undefined) record['runId'] = runId
  return record as MemoryRecord
}

const WIRE_NAMES = ['user_id', 'agent_id', 'app_id', 'run_id'] as const

function withoutWireNames({ user_id, agent_id, app_id, run_id, ...rest }: Row): Row {
  return rest
}
