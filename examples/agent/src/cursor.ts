import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'

/** The place where an interrupted run resumes, kept in a file. */
export class CursorFile {
  readonly #path: string

  constructor(path: string) {
    this.#path = path
  }

  read(): string | undefined {
    try {
      return readFileSync(this.#path, 'utf8')
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
      throw error
    }
  }

  /** In one step, so that a process that dies here leaves the old cursor or the new one. */
  write(cursor: string | undefined): void {
    if (cursor === undefined) return
    writeFileSync(`${this.#path}.new`, cursor)
    renameSync(`${this.#path}.new`, this.#path)
  }

  remove(): void {
    rmSync(this.#path, { force: true })
  }
}
