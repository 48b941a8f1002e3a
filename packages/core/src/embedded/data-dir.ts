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
 * Creates `dataDir`, with mode 0700, unless it exists, and takes it for this opener: two Postgres on one directory would
 * destroy it. The owner holds something that the system frees when the process or worker thread ends, however it ends: a
 * lock where files can be opened with one (macOS, BSD, Windows), a listening socket elsewhere.
 *
 * @returns the directory for the database files, and `release`
 * @throws {ScopedMemoryError} `DATA_DIR_IN_USE` (409) when it is open, or may be; `UNSUPPORTED` (501) when its file
 *   system supports neither a lock nor a socket
 */
export async function takeDataDir(dataDir: string): Promise<{ databaseDir: string; release: () => void }> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 })
  const directory = realpathSync(dataDir)
  const databaseDir = join(directory, 'postgres')
  mkdirSync(databaseDir, { recursive: true, mode: 0o700 })
  const exclusive = EXCLUSIVE_FLAG[process.platform]
  const release = exclusive === undefined ? await holdSocket(directory) : holdLock(directory, exclusive)
  return { databaseDir, release }
}

/** The flag of `open` that also locks the file. Node passes it to the system but has no name for it. */
const EXCLUSIVE_FLAG: Partial<Record<NodeJS.Platform, number>> = {
  darwin: 0x20,
  freebsd: 0x20,
  openbsd: 0x20,
  win32: 0x1000_0000,
}

/** The file is never removed: otherwise two openers could lock two files of the same name. */
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
  // A file system that ignores the flag would let everybody in: a second lock has to fail.
  try {
    closeSync(lock())
  } catch (error) {
    if (isTaken(error)) return release
  }
  release()
  throw unsupported(directory, 'lock')
}

/** Whoever listens on `owner-<n>.sock` owns the directory. */
const OWNER = /^owner-(\d{1,12})\.sock$/
/** An opener's socket before it is linked to the name of an owner. */
const OPENING = /^opening-.*\.sock$/

/**
 * Holds the directory with a listening socket in it. The kernel accepts connections for an owner that is blocked or
 * stopped and refuses them for one that is dead, whichever process, thread, container or pid namespace it is in.
 *
 * A socket gets its number only once it listens, so a numbered one that refuses is dead. Every opener takes its number
 * before its last look at the others, so of two openers the later sees the earlier. A number cannot be taken twice: of
 * openers that start at the same time, exactly one proceeds. Only an owner removes dead sockets, so no name gets a new
 * owner between being found dead and being removed.
 */
async function holdSocket(directory: string): Promise<() => void> {
  const handle = openSync(directory, constants.O_RDONLY | constants.O_DIRECTORY)
  // Follows the directory when it is moved or deleted, and is short: the path of a socket is cut off after 107 bytes.
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
      if (state === 'silent' && !isOnLocalDisk(at('.'))) throw maybeInUse(join(directory, name))
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
      // Never removed: a connection that cannot be accepted, for lack of file descriptors, must not end the process.
      server.on('error', reject)
      // Without `exclusive`, the primary would listen in place of a worker of `node:cluster`.
      server.listen({ path, exclusive: true }, resolve)
    })
  } catch (error) {
    throw unsupported(directory, 'socket', error)
  }
}

/** Links the socket to the name of an owner. Returns whether the name was free. */
function takeName(opening: string, name: string, directory: string): boolean {
  try {
    chmodSync(opening, 0o600)
    linkSync(opening, name)
    return true
  } catch (error) {
    if (codeOf(error) === 'EEXIST') return false
    // A new owner cleaned the directory up and removed this opener's socket.
    if (codeOf(error) === 'ENOENT') throw inUse(directory)
    throw unsupported(directory, 'socket', error)
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // The next opener finds it dead.
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

/** EAGAIN: its queue is full. EACCES, EPERM: it belongs to another user, or the system isolates the two processes. */
const STATES: Record<string, SocketState> = {
  ECONNREFUSED: 'silent',
  ENOENT: 'gone',
  EAGAIN: 'listening',
  EACCES: 'listening',
  EPERM: 'listening',
}

/** A silent socket is known to be dead only where neither another kernel nor another mount of it can hold it. */
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
    `${directory} is already open. A data directory serves one embedded memory at a time, in one thread of one process: ` +
      'share that memory, or close it first.',
    { code: 'DATA_DIR_IN_USE', status: 409 },
  )
}

function maybeInUse(socket: string): ScopedMemoryError {
  return new ScopedMemoryError(
    `${socket} was left by a process that was killed, or belongs to one on another machine; on a shared file system ` +
      'there is no telling which. Make sure that nothing has the directory open and remove this file, or put dataDir on a local disk.',
    { code: 'DATA_DIR_IN_USE', status: 409 },
  )
}

function unsupported(directory: string, means: 'lock' | 'socket', cause?: unknown): Error {
  const reason = codeOf(cause ?? {})
  if (reason === 'EMFILE' || reason === 'ENFILE') return cause as Error
  return new ScopedMemoryError(
    `${directory} cannot hold a ${means}${reason && ` (${reason})`}, so other processes could not see that it is open. ` +
      'Put dataDir on a local disk that this user can write to; in a container, on a volume rather than a directory shared with the host.',
    { code: 'UNSUPPORTED', status: 501, cause },
  )
}
