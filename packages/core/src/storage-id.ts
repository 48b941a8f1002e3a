import { ScopedMemoryError } from './errors.ts'

/**
 * The id a user is stored under with `storageId: 'sha256'`: 64 lower-case hex digits, which no store splits, folds or
 * cuts, and which no two users share.
 *
 * @throws ScopedMemoryError `UNSUPPORTED` on a runtime without Node's crypto
 */
export function storedUserId(userId: string): string {
  const crypto = process.getBuiltinModule?.('node:crypto')
  if (crypto === undefined) {
    throw new ScopedMemoryError(
      "storageId: 'sha256' needs Node's crypto module, which this runtime does not have.",
      {
        code: 'UNSUPPORTED',
      },
    )
  }
  return crypto.createHash('sha256').update(userId, 'utf8').digest('hex')
}
