import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

const CHROMIUM = '/usr/bin/chromium'
const INSTALL_TIMEOUT_MILLIS = 5 * 60_000
// scripts/pgvector-up.sh holds it while it reads the package lists, maybe for another test file at the same time.
const LISTS_LOCK = join(tmpdir(), 'scoped-memory-pgvector-0/lock')

/**
 * Debian's Chromium, installed where that can be done (root and apt). Undefined where it cannot be had; then a line says
 * so, and the tests that need it are to be skipped.
 */
export function chromiumPath(): string | undefined {
  if (existsSync(CHROMIUM)) return CHROMIUM
  try {
    if (process.getuid?.() !== 0) throw new Error('installing it takes root')
    const run = (program: string, ...args: string[]): void => {
      execFileSync(program, args, {
        timeout: INSTALL_TIMEOUT_MILLIS,
        stdio: 'ignore',
        env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
      })
    }
    run('mkdir', '-p', '-m', '755', dirname(LISTS_LOCK))
    run('flock', LISTS_LOCK, 'apt-get', 'update')
    run('apt-get', 'install', '-y', '--no-install-recommends', 'chromium')
    if (existsSync(CHROMIUM)) return CHROMIUM
    throw new Error('apt installed no /usr/bin/chromium')
  } catch (error) {
    console.warn(
      `Skipped: the tests in a browser need Debian's package chromium (${(error as Error).message}).`,
    )
    return undefined
  }
}

/** Headless, and without the connections that Chromium makes by itself. */
export const CHROMIUM_ARGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]
