import { EventEmitter } from 'node:events'
import { readdirSync, readFileSync } from 'node:fs'
import { Agent } from 'node:http'
import { setTimeout as sleep } from 'node:timers/promises'
import type { ScopedMemory } from '@scoped-memory/core'
import express from 'express'
import { describe, expect, it, onTestFinished } from 'vitest'
import { getMemory, scopedMemory as onExpress } from '../src/adapters/express.ts'
import { scopedMemory as onNode } from '../src/adapters/node.ts'
import { currentMemory, runWithMemory, tryCurrentMemory } from '../src/context.ts'
import { json, overAgent } from './support/clients.ts'
import { client, memoryFor } from './support/mem0.ts'
import { login, open } from './support/server.ts'

describe('the current memory', () => {
  const alice = memoryFor('u_alice')
  const bob = memoryFor('u_bob')

  it('58 · taken before, is the same in a listener that another request sets off', async () => {
    const events = new EventEmitter()
    const heard: (string | undefined)[] = []
    runWithMemory(alice, () => {
      const memory = currentMemory()
      events.on('done', () => heard.push(memory.userId, tryCurrentMemory()?.userId))
    })
    runWithMemory(bob, () => events.emit('done'))
    // The second is why it has to be taken before: a listener runs in the context of whoever emits.
    expect(heard).toEqual(['u_alice', 'u_bob'])
  })

  it('59 · taken before, is the same in the callback of a pool', async () => {
    const queue: (() => void)[] = []
    const acquire = (use: () => void): void => void queue.push(use)
    const ran: string[] = []
    runWithMemory(alice, () => {
      const memory = currentMemory()
      acquire(() => ran.push(memory.userId))
    })
    runWithMemory(bob, () => queue.shift()!())
    expect(ran).toEqual(['u_alice'])
  })

  it('60 · taken before, stays with each item of a batch', async () => {
    const batch: { item: string; memory: ScopedMemory }[] = []
    let flushed: Promise<string[]> | undefined
    const load = (item: string): Promise<string[]> => {
      batch.push({ item, memory: currentMemory() })
      return (flushed ??= Promise.resolve().then(() =>
        batch.map((entry) => `${entry.memory.userId} ${entry.item}`),
      ))
    }
    await Promise.all([runWithMemory(alice, () => load('a')), runWithMemory(bob, () => load('b'))])
    expect(await flushed).toEqual(['u_alice a', 'u_bob b'])
  })

  it('61 · is an error where there is none', async () => {
    const before = (): ScopedMemory => currentMemory()
    const emitter = new EventEmitter().on('end', before)
    expect(before).toThrow(expect.objectContaining({ code: 'MEMORY_NOT_MOUNTED' }))
    expect(before).toThrow(/runWithMemory\(getMemory\(req\), next\)/)
    runWithMemory(alice, () => undefined)
    expect(() => emitter.emit('end')).toThrow('There is no memory here')
    expect(tryCurrentMemory()).toBeUndefined()
  })

  it('62 · ends with its request: the next one on the connection has none', async () => {
    const memoryOf = onNode({ client, optional: true, userId: (req) => login(req.headers.authorization) })
    const connections = new Set<object>()
    const url = await open((req, res) => {
      connections.add(req.socket)
      const entered = tryCurrentMemory()?.userId ?? null
      void memoryOf(req, res).then((memory) =>
        runWithMemory(memory, async () => {
          await sleep(1)
          res.end(JSON.stringify([entered, tryCurrentMemory()?.userId ?? null]))
        }),
      )
    })
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    onTestFinished(() => agent.destroy())
    const ask = (user: string | undefined) => overAgent(agent, url, user, new Set())
    expect(await ask('u_bob')).toEqual([200, [null, 'u_bob']])
    expect(await ask(undefined)).toEqual([200, [null, null]])
    expect(await ask('u_alice')).toEqual([200, [null, 'u_alice']])
    expect(connections.size).toBe(1)
    const sources = new URL('../src/', import.meta.url)
    for (const file of readdirSync(sources, { recursive: true, encoding: 'utf8' })) {
      if (!file.endsWith('.ts')) continue
      expect(readFileSync(new URL(file, sources), 'utf8')).not.toContain('enterWith')
    }
  })

  it('62 · of an outer request is hidden from an inner one without a user', () => {
    runWithMemory(alice, () =>
      runWithMemory(undefined, () => expect(currentMemory).toThrow('There is no memory here')),
    )
  })

  it('is each request’s own in every framework that runs it', async () => {
    const app = express()
    app.use(onExpress({ client, userId: (req) => login(req.headers.authorization) }))
    app.use((req, _res, next) => runWithMemory(getMemory(req), next))
    app.get('/', async (req, res) => {
      await sleep(Math.random() * 5)
      res.json([req.memory.userId, currentMemory().userId, currentMemory() === req.memory])
    })
    const url = await open(app)
    const users = Array.from({ length: 50 }, (_, index) => `u_${index}`)
    const seen = await Promise.all(users.map((user) => json(url, '/', user)))
    expect(seen).toEqual(users.map((user) => [user, user, true]))
  })
})
