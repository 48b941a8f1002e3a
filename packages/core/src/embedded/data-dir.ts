import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  linkSync,
  mkdirSync,
  openSync,
  readdirSync,
  realpathSync,
  statfsSync,
  unlinkSync,
} from 'node:fs'
import { connect, createServer, type Server } from 'node:net'
import { join } from 'node:path'
import { ScopedMemoryError } from '../errors.ts'

/**
 * Makes `dataDir` (mode 0700, unless it is there) and takes it for this opener: two Postgres in one directory would
 * destroy it. Whoever holds it holds it by something that the system frees with the process or worker thread, however
 * that ends: a lock where files can be opened with one (macOS, BSD, Windows), a listening socket elsewhere.
 *
 * @returns the directory for the database files, and `release`.
 * @throws {ScopedMemoryError} `DATA_DIR_IN_USE` (409) when it is open, or when that cannot be known; `UNSUPPORTED`
 *   (501) when its file system holds neither a lock nor a socket.
 */
export async function takeDataDir(dataDir: string): Promise<{ databaseDir: string; release: () => void }> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const directory = realpathSync(dataDir)
  const databaseDir = join(directory, 'postgres')
  mkdirSync(databaseDir, { recursive: true, mode: 0o700 })
  const exclusive = EXCLUSIVE[process.platform]
  const release = exclusive === undefined ? await holdSocket(directory) : holdLock(directory, exclusive)
  return { databaseDir, release }
}

/** The flag of `open` that takes a lock with the file. Node hands it on to the system and has no name for it. */
const EXCLUSIVE: Partial<Record<NodeJS.Platform, number>> = {
  darwin: 0x20,
  freebsd: 0x20,
  openbsd: 0x20,
  win32: 0x1000_0000,
}

/** The file stays where it is: if it were removed, two could hold a lock on two files of one name. */
function holdLock(directory: string, exclusive: number): () => void {
  const flags = constants.O_RDWR | constants.O_CREAT | constants.O_NONBLOCK | exclusive
  const lock = () => openSync(join(directory, 'owner.lock'), flags, 0o600)
  const isTaken = (error: unknown) => ['EAGAIN', 'EBUSY'].includes(codeOf(error))

  let held: number
  try {
    held = lock()
  } catch (error) {
    throw isTaken(error) ? inUse(directory) : unsupported(directory, 'lock', error)
  }
  const release = () => {
    closeSync(held)
  }
  // A file system that takes the flag and ignores it would let everybody in: a second lock has to fail.
  try {
    closeSync(lock())
  } catch (error) {
    if (isTaken(error)) return release
  }
  release()
  throw unsupported(directory, 'lock')
}

/** Listening at `owner-<n>.sock` is owning the directory. */
const OWNER = /^owner-(\d{1,12})\.sock$/
/** A socket under a name of its opener's own, before it is linked to the name of an owner. */
const OPENING = /^opening-.*\.sock$/

/**
 * Holds the directory by a listening socket in it. The kernel accepts for an owner that is blocked or stopped, and
 * refuses for one that is dead, in whichever process, thread, container or pid namespace.
 *
 * A socket gets its number only once it listens, so a numbered one that refuses is dead. Every opener takes its number
 * before it looks at the others a last time, so of two the later one sees the earlier. The number cannot be taken twice:
 * of openers that start at once, exactly one goes on. Only an owner removes what is dead, so no name changes hands
 * between being found dead and being removed.
 */
async function holdSocket(directory: string): Promise<() => void> {
  const handle = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  // Follows the directory when it is moved or deleted, and is short: a socket's path is cut off after 107 bytes.
  const base = `/proc/self/fd/${handle}`
  const at = (name: string) => join(base, name)
  const server = createServer((socket) => socket.destroy()).unref()
  let owned: string | undefined
  const opening = at(`opening-${crypto.randomUUID()}.sock`)
  const release = () => {
    remove(opening)
    if (owned !== undefined) remove(owned)
    server.close()
    closeSync(handle)
  }
  const owners = () => readdirSync(at('.')).filter((name) => OWNER.test(name))
  const anyAlive = async (names: string[]) => {
    for (const name of names) {
      const state = await probe(at(name))
      if (state === 'listening') return true
      if (state === 'silent' && !isOnLocalDisk(at('.'))) throw unknowable(join(directory, name))
    }
    return false
  }

  try {
    if (!existsSync(base)) throw unsupported(directory, 'socket', { code: 'no /proc' })
    await listen(server, opening, directory)
    for (;;) {
      const dead = owners()
      if (await anyAlive(dead)) throw inUse(directory)

      const number = 1 + Math.max(0, ...dead.map((name) => Number(OWNER.exec(name)![1])))
      const mine = `owner-${number}.sock`
      if (!takeName(opening, at(mine), directory)) continue
      owned = at(mine)
      if ((await probe(owned)) !== 'listening') throw unsupported(directory, 'socket')

      if (await anyAlive(owners().filter((name) => name !== mine))) {
        remove(owned)
        owned = undefined
        continue
      }
      for (const name of readdirSync(at('.'))) {
        if (OPENING.test(name) || (OWNER.test(name) && name !== mine)) remove(at(name))
      }
      return release
    }
  } catch (error) {
    release()
    throw error
  }
}

async function listen(server: Server, path: string, directory: string): Promise<void> {
  try {
    await new Promise<void>((resolve, reject) => {
      // Stays on: a connection that cannot be accepted, for want of file descriptors, must not end the process.
      server.on('error', reject)
      // Without `exclusive` a worker of `node:cluster` would leave the listening to its primary.
      server.listen({ path, exclusive: true }, resolve)
    })
  } catch (error) {
    throw unsupported(directory, 'socket', error)
  }
}

/** Whether the name was free. */
function takeName(opening: string, name: string, directory: string): boolean {
  try {
    chmodSync(opening, 0o600)
    linkSync(opening, name)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // An owner cleared away what was there, this opener's socket with it.
    if (codeOf(error) === 'ENOENT') throw inUse(directory)
    throw unsupported(directory, 'socket', error)
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // What stays is found dead by the next opener.
  }
}

type SocketState = 'listening' | 'silent' | 'gone'

function probe(path: string): Promise<SocketState> {
  return new Promise((resolve, reject) => {
    const socket = connect({ path })
    socket.on('connect', () => {
      socket.destroy()
      resolve('listening')
    })
    socket.on('error', (error) => {
      const state = STATES[codeOf(error)]
      if (state === undefined) reject(error)
      else resolve(state)
    })
  })
}

/** EAGAIN: its queue is full. EACCES, EPERM: it is another user's, or the system keeps the two processes apart. */
const STATES: Record<string, SocketState> = {
  ECONNREFUSED: 'silent',
  ENOENT: 'gone',
  EAGAIN: 'listening',
  EACCES: 'listening',
  EPERM: 'listening',
}

/** A silent socket is a dead one only where no other kernel can hold it, nor this one through another mount. */
function isOnLocalDisk(path: string): boolean {
  return LOCAL_FILE_SYSTEMS.has(statfsSync(path).type)
}

const LOCAL_FILE_SYSTEMS = new Set([
  0xef53, // ext2, ext3, ext4
  0x58465342, // XFS
  0x9123683e, // Btrfs
  0x2fc12fc1, // ZFS
  0xca451a4e, // bcachefs
  0xf2f52010, // F2FS
  0x3153464a, // JFS
  0x794c7630, // overlayfs
  0x01021994, // tmpfs
])

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? ''
}

function inUse(directory: string): ScopedMemoryError {
  return new ScopedMemoryError(
    `${directory} is open already. A data directory serves one embedded memory at a time, in one thread of one process: ` +
      'share that memory, or close it first.',
    { code: 'DATA_DIR_IN_USE', status: 409 },
  )
}

function unknowable(socket: string): ScopedMemoryError {
  return new ScopedMemoryError(
    `${socket} was left by a process that was killed, or belongs to one on another machine: on a shared file system ` +
      'that cannot be told. Make sure that nothing has the directory open and remove this file, or put dataDir on a local disk.',
    { code: 'DATA_DIR_IN_USE', status: 409 },
  )
}

function unsupported(directory: string, means: 'lock' | 'socket', cause?: unknown): Error {
  const reason = codeOf(cause ?? {})
  if (reason === 'EMFILE' || reason === 'ENFILE') return cause as Error
  return new ScopedMemoryError(
    `${directory} cannot hold a ${means}${reason && ` (${reason})`}, so other processes could not see that it is open. ` +
      'Put dataDir on a local disk that this user can write to; in a container, on a volume rather than on a directory shared with the host.',
    { code: 'UNSUPPORTED', status: 501, cause },
  )
}
