import { createReadStream } from 'node:fs'
import { createInterface } from 'node:readline'

/** The user ids in a file, one per line, read as they are needed. In an application, query your users instead. */
export async function* usersOf(file: string): AsyncGenerator<string, void, undefined> {
  for await (const line of createInterface({ input: createReadStream(file), crlfDelay: Infinity })) {
    if (line !== '') yield line
  }
}
