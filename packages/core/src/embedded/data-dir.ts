import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { ScopedMemoryError } from '../errors.ts'

/** The lock files of this process: a pid alone cannot tell a process from an earlier one that had its number. */
const held = new Set<string>()

/**
 * Makes `dataDir` (mode 0700, unless it is there) and takes it for this process: two Postgres in one directory would destroy it.
 *
 * Every opener writes a lock file of its own before it looks for others, so two can never both go on. The lock of
 * a process that no longer runs is removed.
 *
 * @returns the directory for the database files, and `release`.
 * @throws {ScopedMemoryError} (`DATA_DIR_IN_USE`, 409) when a running process has it open.
 */
export function takeDataDir(dataDir: string): { databaseDir: string; release: () => void } {
  const directory = resolve(dataDir)
  const databaseDir = join(directory, 'postgres')
  mkdirSync(databaseDir, { recursive: true, mode: 0o700 })

  const lock = join(directory, `open-${process.pid}-${crypto.randomUUID()}.lock`)
  writeFileSync(lock, '', { flag: 'wx', mode: 0o600 })
  held.add(lock)
  const release = () => {
    held.delete(lock)
    rmSync(lock, { force: true })
  }

  for (const name of readdirSync(directory)) {
    const pid = /^open-(\d+)-.*\.lock$/.exec(name)?.[1]
    const other = join(directory, name)
    if (pid === undefined || other === lock) continue
    if (isRunning(Number(pid), other)) {
      release()
      throw new ScopedMemoryError(
        `${directory} is already open in process ${pid}. A data directory serves one embedded memory at a time: ` +
          `share that one, or close it first. If that process is another program, remove ${other}.`,
        { code: 'DATA_DIR_IN_USE', status: 409 },
      )
    }
    rmSync(other, { force: true })
  }
  return { databaseDir, release }
}

function isRunning(pid: number, lock: string): boolean {
  if (pid === process.pid) return held.has(lock)
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
