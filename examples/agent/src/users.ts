import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The user ids of a file, one a line, read as they are needed. In an application this is a query of its users. */
export async function* usersOf(file: string): AsyncGenerator<string, void, undefined> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line !== '') yield line
  }
}
