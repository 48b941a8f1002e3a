import { execFile, spawn, type ChildProcess } from 'node:child_process'
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { pathToFileURL } from 'node:url'
import { promisify } from 'node:util'
import { Worker } from 'node:worker_threads'
import ts from 'typescript'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { takeDataDir } from '../../src/embedded/data-dir.ts'
import { AS_PID_1, canUnshare, needsRoot, OWN_MOUNTS } from './unshare.ts'

const root = mkdtempSync(join(tmpdir(), 'data-dir-'))
const build = join(root, 'build')
const running: ChildProcess[] = []

/** Prints `open` and keeps the directory, or prints why it could not open it. The built module starts faster than the source. */
const HOLD = join(build, 'hold.js')
/** The same, but it ends without closing. */
const LEAVE = join(build, 'leave.js')

beforeAll(() => {
  for (const file of ['embedded/data-dir.ts', 'errors.ts']) {
    const source = readFileSync(new URL(`../../src/${file}`, import.meta.url), 'utf8')
    const { outputText } = ts.transpileModule(source, {
      compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
    })
    const built = join(build, file.replace('.ts', '.js'))
    mkdirSync(dirname(built), { recursive: true })
    writeFileSync(built, outputText.replaceAll(".ts'", ".js'"))
  }
  writeFileSync(join(build, 'package.json'), '{ "type": "module" }')
  writeFileSync(
    LEAVE,
    `import { takeDataDir } from './embedded/data-dir.js'
     export const taken = await takeDataDir(process.argv[2]).catch(({ code, message }) => console.log(code, message))
     if (taken) console.log('open')`,
  )
  writeFileSync(HOLD, `import { taken } from './leave.js'; if (taken) setInterval(() => {}, 1e6)`)
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})
afterAll(() => rmSync(root, { recursive: true, force: true }))

let count = 0
function newDirectory(): string {
  return join(root, `data-${++count}`)
}

interface Opener {
  child: ChildProcess
  /** `open`, or the error's code and message. */
  printed: string
}

/** Starts a program and waits for the first thing it prints. */
async function start(command: string[], before?: string): Promise<Opener> {
  const [program, ...args] =
    before === undefined ? command : ['sh', '-c', `${before} && exec "$@"`, '-', ...command]
  const child = spawn(program!, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  running.push(child)
  const printed = await new Promise<string>((resolve, reject) => {
    child.stdout.once('data', (chunk: Buffer) => resolve(String(chunk).trim()))
    child.once('exit', (code) =>
      setTimeout(reject, 1000, new Error(`ended with ${code} and printed nothing`)),
    )
  })
  return { child, printed }
}

const holdIn = (dataDir: string) => start([process.execPath, HOLD, dataDir])

/** Kills it and waits until everything it started has ended too. */
async function kill({ child }: Opener): Promise<void> {
  const closed = new Promise((resolve) => child.once('close', resolve))
  child.kill('SIGKILL')
  await closed
}

const IN_USE = expect.stringMatching(/^DATA_DIR_IN_USE .* is already open/) as string
const refusal = { code: 'DATA_DIR_IN_USE', status: 409 }

const listens = !['darwin', 'freebsd', 'openbsd', 'win32'].includes(process.platform)
const needsSockets = listens ? '' : ' [skipped: this system locks a file]'

describe('an open data directory is refused', () => {
  it('to the same module, which says what to do', async () => {
    const dataDir = newDirectory()
    const { release } = await takeDataDir(dataDir)
    await expect(takeDataDir(dataDir)).rejects.toMatchObject({
      ...refusal,
      message: expect.stringMatching(`^${dataDir} is already open.*share that memory, or close it first`),
    })
    expect(readdirSync(dataDir).filter((name) => name.startsWith('opening'))).toEqual([])
    release()
    ;(await takeDataDir(dataDir)).release()
  })

  it('to a second copy of the module', async () => {
    const dataDir = newDirectory()
    const copy = (await import(pathToFileURL(join(build, 'embedded/data-dir.js')).href)) as {
      takeDataDir: typeof takeDataDir
    }
    expect(copy.takeDataDir).not.toBe(takeDataDir)
    const { release } = await takeDataDir(dataDir)
    await expect(copy.takeDataDir(dataDir)).rejects.toMatchObject(refusal)
    release()
    const second = await copy.takeDataDir(dataDir)
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
    second.release()
  })

  it('to a worker thread, and from one until it is terminated', async () => {
    const dataDir = newDirectory()
    const code = `
      import(${JSON.stringify(pathToFileURL(join(build, 'embedded/data-dir.js')).href)})
        .then(({ takeDataDir }) => takeDataDir(${JSON.stringify(dataDir)}))
        .then(() => 'open', ({ code }) => code)
        .then((printed) => { require('node:worker_threads').parentPort.postMessage(printed); setInterval(() => {}, 1e6) })`
    const openInWorker = async () => {
      const worker = new Worker(code, { eval: true, execArgv: [] })
      return { worker, printed: await new Promise((resolve) => worker.once('message', resolve)) }
    }
    const { release } = await takeDataDir(dataDir)
    const refused = await openInWorker()
    expect(refused.printed).toBe('DATA_DIR_IN_USE')
    release()

    const holder = await openInWorker()
    expect(holder.printed).toBe('open')
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
    await holder.worker.terminate()
    ;(await takeDataDir(dataDir)).release()
    await refused.worker.terminate()
  })

  it('to another process, and to this one while another has it', async () => {
    const dataDir = newDirectory()
    const { release } = await takeDataDir(dataDir)
    expect((await holdIn(dataDir)).printed).toEqual(IN_USE)
    release()
    expect((await holdIn(dataDir)).printed).toBe('open')
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
  })

  it('while a worker of node:cluster has it, which opens it itself', async () => {
    const dataDir = newDirectory()
    const script = join(root, 'cluster.mjs')
    writeFileSync(
      script,
      `import cluster from 'node:cluster'
       if (cluster.isPrimary) cluster.fork().on('message', (printed) => console.log(printed))
       else {
         const { takeDataDir } = await import(${JSON.stringify(pathToFileURL(join(build, 'embedded/data-dir.js')).href)})
         await takeDataDir(process.argv[2]).then(() => process.send('open'), (error) => process.send(error.message))
       }`,
    )
    expect((await start([process.execPath, script, dataDir])).printed).toBe('open')
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
  })

  it('through every path that leads to it', async () => {
    const dataDir = newDirectory()
    const link = newDirectory()
    symlinkSync(dataDir, link)
    const { release } = await takeDataDir(relative(process.cwd(), dataDir))
    await expect(takeDataDir(link)).rejects.toMatchObject(refusal)
    await expect(takeDataDir(join(link, '..', dataDir.slice(root.length), '.'))).rejects.toMatchObject(
      refusal,
    )
    release()
    const linked = await takeDataDir(link)
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
    linked.release()
  })

  it.skipIf(!canUnshare)(`through a bind mount${needsRoot}`, async () => {
    const [dataDir, mountPoint] = [newDirectory(), newDirectory()]
    const { release } = await takeDataDir(dataDir)
    mkdirSync(mountPoint)
    const mount = `mount --bind ${dataDir} ${mountPoint}`
    const { printed } = await start([
      ...OWN_MOUNTS,
      'sh',
      '-c',
      `${mount} && exec "$0" "$@"`,
      process.execPath,
      HOLD,
      mountPoint,
    ])
    expect(printed).toEqual(IN_USE)
    release()
  })

  it.skipIf(!canUnshare)(
    `to another pid namespace, and while one has it, pid 1 or not${needsRoot}`,
    async () => {
      const dataDir = newDirectory()
      const first = await start([...AS_PID_1, process.execPath, HOLD, dataDir])
      expect(first.printed).toBe('open')
      await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
      expect((await start([...AS_PID_1, process.execPath, HOLD, dataDir])).printed).toEqual(IN_USE)
      await kill(first)

      const { release } = await takeDataDir(dataDir)
      expect((await start([...AS_PID_1, process.execPath, HOLD, dataDir])).printed).toEqual(IN_USE)
      release()
    },
  )

  it.skipIf(!listens)(`while its owner is stopped, however many ask${needsSockets}`, async () => {
    const dataDir = newDirectory()
    const holder = await holdIn(dataDir)
    holder.child.kill('SIGSTOP')
    const path = join(dataDir, 'owner-1.sock')
    const asked = Array.from({ length: 1000 }, () => connect(path))
    const outcomes = await Promise.all(
      asked.map(
        (socket) =>
          new Promise((resolve) => {
            socket
              .on('connect', () => resolve('connected'))
              .on('error', (error) => resolve((error as { code?: string }).code))
          }),
      ),
    )
    expect(new Set(outcomes)).toEqual(new Set(['connected', 'EAGAIN']))
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
    for (const socket of asked) socket.destroy()
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
  })

  it('to all but one of those that open it at once, also after one was killed', async () => {
    const dataDir = newDirectory()
    for (let round = 0; round < 3; round++) {
      const openers = await Promise.all(Array.from({ length: 6 }, () => holdIn(dataDir)))
      const owners = openers.filter(({ printed }) => printed === 'open')
      expect(owners).toHaveLength(1)
      await kill(owners[0]!)
      const here = await Promise.allSettled(Array.from({ length: 20 }, () => takeDataDir(dataDir)))
      const taken = here.filter((result) => result.status === 'fulfilled')
      expect(taken).toHaveLength(1)
      taken[0]!.value.release()
      expect(readdirSync(dataDir).filter((name) => name.endsWith('.sock'))).toEqual([])
    }
  })

  it.skipIf(!listens).each([
    { name: 'has its socket', link: 'link(kept, name)' },
    { name: 'lost its socket to the new owner', link: 'link(opening, name)' },
  ])(`to one that was delayed after it had looked and still $name${needsSockets}`, async ({ link }) => {
    const dataDir = newDirectory()
    await kill(await holdIn(dataDir))
    // While it is about to take its number: another opens and closes, so that numbers begin again, and a third opens.
    const script = join(root, 'late.mjs')
    writeFileSync(
      script,
      `import fs from 'node:fs'
       import { spawn, spawnSync } from 'node:child_process'
       import { syncBuiltinESMExports } from 'node:module'
       const [, , dataDir, close] = process.argv
       const kept = dataDir + '/kept'
       const link = fs.linkSync
       fs.linkSync = (opening, name) => {
         fs.linkSync = link
         syncBuiltinESMExports()
         link(opening, kept)
         spawnSync(process.execPath, [close, dataDir])
         spawn(process.execPath, [${JSON.stringify(HOLD)}, dataDir], { stdio: 'ignore' })
         while (fs.readdirSync(dataDir).join() !== 'kept,owner-1.sock,postgres') spawnSync('sleep', ['0.02'])
         ${link}
       }
       syncBuiltinESMExports()
       await import(${JSON.stringify(pathToFileURL(HOLD).href)})
       fs.unlinkSync(kept)
       console.log(fs.readdirSync(dataDir).sort().join())
       process.kill(0)`,
    )
    const close = join(build, 'close.js')
    writeFileSync(close, `import { taken } from './leave.js'; taken.release()`)
    const { stdout } = await promisify(execFile)('setsid', ['-w', process.execPath, script, dataDir, close], {
      timeout: 20_000,
    }).catch((error: { stdout: string }) => error)
    expect(stdout).toMatch(/^DATA_DIR_IN_USE .*\nowner-1.sock,postgres\n$/)
  })

  it.skipIf(!canUnshare)(`to another user of the machine, who cannot ask its owner${needsRoot}`, async () => {
    const dataDir = newDirectory()
    const { release } = await takeDataDir(dataDir)
    chmodSync(dataDir, 0o777)
    chmodSync(root, 0o755)
    const { printed } = await start([
      'setpriv',
      '--reuid=65534',
      '--clear-groups',
      process.execPath,
      HOLD,
      dataDir,
    ])
    expect(printed).toEqual(IN_USE)
    release()
  })
})

describe('a data directory is free again', () => {
  it.skipIf(!canUnshare)(`when its owner was pid 1, to pid 1 and to any other${needsRoot}`, async () => {
    const dataDir = newDirectory()
    for (let round = 0; round < 2; round++) {
      const owner = await start([...AS_PID_1, process.execPath, HOLD, dataDir])
      expect(owner.printed).toBe('open')
      await kill(owner)
    }
    ;(await takeDataDir(dataDir)).release()
  })

  it('when its owner ends without closing it, which an open directory does not delay', async () => {
    const dataDir = newDirectory()
    const { stdout } = await promisify(execFile)(process.execPath, [LEAVE, dataDir])
    expect(stdout).toBe('open\n')
    ;(await takeDataDir(dataDir)).release()
  })

  it.skipIf(!listens)(
    `and clean: what killed openers left is removed, but nothing else${needsSockets}`,
    async () => {
      const dataDir = newDirectory()
      const script = join(root, 'killed-while-opening.mjs')
      writeFileSync(
        script,
        `import fs from 'node:fs'
       import { syncBuiltinESMExports } from 'node:module'
       fs.linkSync = () => { process.kill(process.pid, 'SIGKILL') }
       syncBuiltinESMExports()
       await import(${JSON.stringify(pathToFileURL(LEAVE).href)})`,
      )
      for (let round = 0; round < 2; round++) {
        await promisify(execFile)(process.execPath, [script, dataDir]).catch(() => {})
        await kill(await holdIn(dataDir))
      }
      writeFileSync(join(dataDir, 'notes.txt'), '')
      expect(readdirSync(dataDir)).toContain('owner-2.sock')
      const { release } = await takeDataDir(dataDir)
      expect(readdirSync(dataDir).sort()).toEqual(['notes.txt', 'owner-3.sock', 'postgres'])
      release()
      expect(readdirSync(dataDir).sort()).toEqual(['notes.txt', 'postgres'])
    },
  )

  it('when it was deleted while open, and its old owner does not affect the new one', async () => {
    const dataDir = newDirectory()
    const old = await takeDataDir(dataDir)
    rmSync(dataDir, { recursive: true })
    const { release } = await takeDataDir(dataDir)
    old.release()
    await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
    rmSync(dataDir, { recursive: true })
    release()
  })
})

describe('a data directory can be', () => {
  it('at a path longer than the path of a socket may be', async () => {
    const dataDir = join(newDirectory(), 'd'.repeat(120), 'e'.repeat(120))
    const { release, databaseDir } = await takeDataDir(dataDir)
    expect(databaseDir).toBe(join(dataDir, 'postgres'))
    expect((await holdIn(dataDir)).printed).toEqual(IN_USE)
    release()
    const holder = await holdIn(dataDir)
    expect(holder.printed).toBe('open')
    await kill(holder)
    ;(await takeDataDir(dataDir)).release()
  })

  it.skipIf(!listens)(
    `open without other users being able to reach the socket, whatever the umask${needsSockets}`,
    async () => {
      const dataDir = newDirectory()
      const { printed } = await start([process.execPath, HOLD, dataDir], 'umask 0')
      expect(printed).toBe('open')
      expect(statSync(dataDir).mode & 0o777).toBe(0o700)
      expect(statSync(join(dataDir, 'owner-1.sock')).mode & 0o777).toBe(0o600)
    },
  )

  it.skipIf(!listens)(
    `open in a process that runs out of file descriptors, which keeps running${needsSockets}`,
    async () => {
      const dataDir = newDirectory()
      const script = join(root, 'descriptors.mjs')
      writeFileSync(
        script,
        `import { openSync } from 'node:fs'
       import { Server } from 'node:net'
       const { listen } = Server.prototype
       let server
       Server.prototype.listen = function (...args) {
         server = this
         return listen.apply(this, args)
       }
       await import(${JSON.stringify(pathToFileURL(LEAVE).href)})
       try { for (;;) openSync('/dev/null') } catch {}
       // What Node reports when not even its spare descriptor is free.
       for (let time = 0; time < 2; time++) server.emit('error', Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' }))
       setInterval(() => {}, 1e6)`,
      )
      const holder = await start([process.execPath, script, dataDir], 'ulimit -n 64')
      for (let round = 0; round < 20; round++)
        await expect(takeDataDir(dataDir)).rejects.toMatchObject(refusal)
      expect(holder.child.exitCode).toBeNull()
    },
  )

  it.skipIf(!listens)(
    `opened by a process without a free file descriptor, which says so${needsSockets}`,
    async () => {
      const dataDir = newDirectory()
      mkdirSync(dataDir)
      const script = join(root, 'no-descriptors.mjs')
      writeFileSync(
        script,
        `import { closeSync, openSync } from 'node:fs'
       const { takeDataDir } = await import(${JSON.stringify(pathToFileURL(join(build, 'embedded/data-dir.js')).href)})
       let last
       try { for (;;) last = openSync('/dev/null') } catch {}
       for (let free = 0; free < 3; free++) {
         console.error = () => {}
         await takeDataDir(process.argv[2]).then(() => process.stdout.write('open '), ({ code }) => process.stdout.write(code + ' '))
         closeSync(last--)
       }`,
      )
      const { stdout } = await promisify(execFile)('sh', [
        '-c',
        'ulimit -n 64 && exec "$@"',
        '-',
        process.execPath,
        script,
        dataDir,
      ])
      expect(stdout.split(' ').slice(0, 2)).toEqual(['EMFILE', 'EMFILE'])
      expect(
        readdirSync(dataDir).filter((name) => name.endsWith('.sock') && name.startsWith('opening')),
      ).toEqual([])
    },
  )

  describe.skipIf(!canUnshare)(`on file systems of other kinds${needsRoot}`, () => {
    /** Runs a program after a mount that only it sees. */
    const mounted = (mount: string, ...command: string[]) =>
      start([...OWN_MOUNTS, 'sh', '-c', `${mount} && exec "$@"`, '-', ...command])

    it('but not where there are no sockets', async () => {
      const dataDir = newDirectory()
      mkdirSync(dataDir)
      const { printed } = await mounted(`mount -t bpf none ${dataDir}`, process.execPath, HOLD, dataDir)
      expect(printed).toMatch(/^UNSUPPORTED .* cannot hold a socket \(EPERM\).*Put dataDir on a local disk/)
    })

    it('but not where the file system is read-only', async () => {
      const dataDir = newDirectory()
      mkdirSync(dataDir)
      const mount = `mount -t tmpfs none ${dataDir} && mkdir ${dataDir}/postgres && mount -o remount,ro ${dataDir}`
      const { printed } = await mounted(mount, process.execPath, HOLD, dataDir)
      expect(printed).toMatch(/^UNSUPPORTED .* cannot hold a socket \(EROFS\)/)
    })

    it('but not where a hard link to a socket does not work', async () => {
      const dataDir = newDirectory()
      const script = join(root, 'no-links.mjs')
      // Some file systems identify files by path and make the link a new file.
      writeFileSync(
        script,
        `import fs from 'node:fs'
         import { syncBuiltinESMExports } from 'node:module'
         fs.linkSync = (from, to) => fs.writeFileSync(to, '')
         syncBuiltinESMExports()
         await import(${JSON.stringify(pathToFileURL(HOLD).href)})`,
      )
      const { printed } = await start([process.execPath, script, dataDir])
      expect(printed).toMatch(/^UNSUPPORTED .* cannot hold a socket, so other processes/)
      expect(readdirSync(dataDir)).toEqual(['postgres'])
    })

    it('and where other machines may share it, a silent socket is not assumed to be dead', async () => {
      const dataDir = newDirectory()
      mkdirSync(dataDir)
      const leave = `${process.execPath} ${LEAVE} ${dataDir}`
      const { stdout } = await promisify(execFile)(OWN_MOUNTS[0]!, [
        ...OWN_MOUNTS.slice(1),
        'sh',
        '-c',
        `mount -t ramfs none ${dataDir}
         ${leave}; ${leave}; ls ${dataDir}; rm ${dataDir}/owner-1.sock; ${leave}`,
      ])
      expect(stdout).toMatch(
        /^open\nDATA_DIR_IN_USE .*\/owner-1\.sock was left by .* remove this file, or put dataDir on a local disk\.\nowner-1.sock\npostgres\nopen\n$/,
      )
    })

    it('but not without /proc, where an open directory has no path', async () => {
      const dataDir = newDirectory()
      const { printed } = await mounted('mount -t tmpfs none /proc', process.execPath, HOLD, dataDir)
      expect(printed).toMatch(/^UNSUPPORTED .* cannot hold a socket \(no \/proc\)/)
      expect(readdirSync(dataDir)).toEqual(['postgres'])
    })
  })

  it.skipIf(!listens)(
    `but not where the locking flag of other systems is ignored, as here${needsSockets}`,
    async () => {
      const dataDir = newDirectory()
      const script = join(root, 'no-lock.mjs')
      writeFileSync(
        script,
        `Object.defineProperty(process, 'platform', { value: 'darwin' })
       await import(${JSON.stringify(pathToFileURL(HOLD).href)})`,
      )
      const { printed } = await start([process.execPath, script, dataDir])
      expect(printed).toMatch(/^UNSUPPORTED .* cannot hold a lock, so other processes/)
    },
  )
})
