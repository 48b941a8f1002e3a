import { guard, type GuardedPackage } from './guard.ts'

const DATA_DIR = 'embedded/data-dir.ts'

export const embedded: GuardedPackage = {
  folder: 'core',
  tests: ['test/embedded/data-dir-owner.test.ts'],
  guards: [
    guard(
      'an owner whose queue is full is alive',
      DATA_DIR,
      "ECONNREFUSED: 'silent',\n  ENOENT: 'gone',\n  EAGAIN: 'listening',",
      "ECONNREFUSED: 'silent',\n  ENOENT: 'gone',\n  EAGAIN: 'silent',",
    ),
    guard("another user's owner is one", DATA_DIR, "EACCES: 'listening'", "EACCES: 'silent'"),
    guard(
      'an owner that was there first refuses the next',
      DATA_DIR,
      "if (state === 'listening') return true",
      "if (state === 'listening') return false",
    ),
    guard(
      'others are looked at again after the number is taken',
      DATA_DIR,
      'if (await anyAlive(owners().filter((name) => name !== mine))) {',
      'if (await anyAlive([])) {',
    ),
    guard(
      'a number is taken once',
      DATA_DIR,
      'if (!takeName(opening, at(mine), directory)) continue',
      'takeName(opening, at(mine), directory)',
    ),
    guard(
      'who lost its socket to an owner is refused',
      DATA_DIR,
      "if (codeOf(error) === 'ENOENT') throw inUse(directory)",
      "if (codeOf(error) === 'ENOENT') return true",
    ),
    guard(
      'a silent socket is not a dead one where others share the directory',
      DATA_DIR,
      "state === 'silent' && !isOnLocalDisk(at('.'))",
      'false',
    ),
    guard(
      'a socket that cannot be reached by its name holds nothing',
      DATA_DIR,
      "(await probe(owned)) !== 'listening'",
      'false',
    ),
    guard(
      'a lock that does not lock holds nothing',
      DATA_DIR,
      "release()\n  throw unsupported(directory, 'lock')",
      'return release',
    ),
    guard(
      'a directory is reached by a short path that follows it',
      DATA_DIR,
      'const base = `/proc/self/fd/${handle}`',
      'const base = directory',
    ),
    guard('what the directory is reached by is there', DATA_DIR, '!existsSync(base)', 'false'),
    guard('a cluster worker listens itself', DATA_DIR, 'exclusive: true', 'exclusive: false'),
    guard('an open directory keeps no process alive', DATA_DIR, '.destroy()).unref()', '.destroy())'),
    guard('other users cannot reach the socket', DATA_DIR, 'chmodSync(opening, 0o600)', ''),
    guard(
      'a connection that cannot be accepted is no end',
      DATA_DIR,
      "server.on('error', reject)",
      "server.once('error', reject)",
    ),
    guard('a failed opening leaves nothing', DATA_DIR, 'release()\n    throw error', 'throw error'),
    guard(
      'what killed openers left is removed',
      DATA_DIR,
      'if (OPENING.test(name) || (OWNER.test(name) && name !== mine)) remove(at(name))',
      '',
    ),
    guard(
      'a process out of file descriptors is told so',
      DATA_DIR,
      "if (reason === 'EMFILE' || reason === 'ENFILE') return cause as Error",
      '',
    ),
  ],
}
