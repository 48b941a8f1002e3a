import { spawn } from 'node:child_process'
import type { AddressInfo, Server } from 'node:net'
import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

export interface Example extends AsyncDisposable {
  readonly url: string
}

/** Starts an example's server as its `start` script does, on a free port, and waits until it says where it is. */
export async function startExample(name: string, env: Record<string, string>): Promise<Example> {
  const child = spawn(
    process.execPath,
    ['--conditions=@scoped-memory/source', '--import', require.resolve('tsx'), 'src/server.ts'],
    {
      cwd: new URL(`../../examples/${name}/`, import.meta.url),
      env: { ...process.env, PORT: '0', ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  const url = await new Promise<string>((resolve, reject) => {
    const read = (chunk: Buffer): void => {
      output += String(chunk)
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(output)
      if (found) resolve(found[0])
    }
    child.stdout.on('data', read)
    child.stderr.on('data', read)
    void ended.then(() => reject(new Error(`The example ended: ${output}`)))
  })
  return {
    url,
    async [Symbol.asyncDispose]() {
      child.kill()
      await ended
    },
  }
}

/** Listens on a free port of the loopback and resolves to it. */
export async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
