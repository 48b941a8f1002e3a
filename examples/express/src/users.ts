import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

declare global {
  namespace Express {
    interface User {
      /** Never changes and is never given to somebody else, unlike a name: memories are kept under it. */
      id: string
      name: string
    }
  }
}

const hash = promisify<string, Buffer, number, Buffer>(scrypt)
const KEY_LENGTH = 32

async function account(id: string, name: string, password: string) {
  const salt = randomBytes(16)
  return { user: { id, name }, salt, hash: await hash(password, salt, KEY_LENGTH) }
}

// Where a real app has its table of users.
const accounts = new Map([
  ['alice', await account('u_7f3a', 'Alice', 'alice-demo')],
  ['bob', await account('u_c21d', 'Bob', 'bob-demo')],
])

export async function userByPassword(login: string, password: string): Promise<Express.User | undefined> {
  const found = accounts.get(login)
  if (found === undefined) return undefined
  return timingSafeEqual(await hash(password, found.salt, KEY_LENGTH), found.hash) ? found.user : undefined
}

export function userById(id: string): Express.User | undefined {
  return [...accounts.values()].find(({ user }) => user.id === id)?.user
}
