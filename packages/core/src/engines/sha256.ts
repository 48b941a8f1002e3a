import { ScopedMemoryError } from '../errors.ts'
import { nodeBuiltin } from '../node-builtins.ts'

/**
 * The SHA-256 of a text (as UTF-8), as 64 lower-case hex digits.
 *
 * @throws ScopedMemoryError `UNSUPPORTED` on a runtime without Node's crypto
 */
export function sha256(text: string): string {
  const crypto = nodeBuiltin?.('node:crypto')
  if (crypto === undefined) {
    throw new ScopedMemoryError(
      'SHA-256 needs node:crypto, which this runtime does not have. Use a runtime that has it, such as Node, Bun or Deno.',
      {
        code: 'UNSUPPORTED',
      },
    )
  }
  return crypto.createHash('sha256').update(text, 'utf8').digest('hex')
}
