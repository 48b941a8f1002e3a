import 'reflect-metadata'
import { Controller, ForbiddenException, Get, Module, Req, type INestApplication } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { createInMemoryClient } from '@scoped-memory/core/testing'
import { afterEach, expect, it } from 'vitest'
import { getMemory, memoryRoutes, scopedMemory } from '../../src/adapters/express.ts'
import { get } from '../support/clients.ts'
import { login } from '../support/server.ts'

const SECRET = 'db-7.internal'
let app: INestApplication | undefined

afterEach(async () => {
  await app?.close()
})

it('NestJS answers who is not signed in with 401, and who is with their memory', async () => {
  const url = await open((req) => login(req.headers.authorization))
  for (const path of ['/', '/memories']) expect((await get(url, path, undefined)).status).toBe(401)
  expect(await (await get(url, '/', undefined)).text()).not.toMatch(/userId|optional|scopedMemory/)
  expect(await (await get(url, '/', 'u_alice')).text()).toBe('u_alice')
  expect((await get(url, '/memories', 'u_alice')).status).toBe(200)
})

it('64 · NestJS answers what userId() throws with an error, and shows nothing of it', async () => {
  for (const [thrown, status] of [
    [undefined, 500],
    [new Error(SECRET), 500],
    [Object.freeze(new Error(SECRET)), 500],
    [Object.assign(new Error(SECRET), { status: null }), 500],
    [Object.assign(new Error(SECRET), { getStatus: () => 200, getResponse: () => 'in' }), 500],
    [new ForbiddenException(), 403],
  ] as const) {
    const url = await open(() => {
      // eslint-disable-next-line @typescript-eslint/only-throw-error
      throw thrown
    })
    const answer = await get(url, '/', 'u_alice')
    expect([thrown, answer.status]).toEqual([thrown, status])
    expect(await answer.text()).not.toContain(SECRET)
    await app?.close()
  }
})

async function open(userId: NonNullable<Parameters<typeof scopedMemory>[0]>['userId']): Promise<string> {
  // As the decorators would be written: @Controller() class { @Get() whoAmI(@Req() request) {} }.
  class WhoAmI {
    whoAmI(request: object): string {
      return getMemory(request).userId
    }
  }
  const { prototype } = WhoAmI
  Get()(prototype, 'whoAmI', Object.getOwnPropertyDescriptor(prototype, 'whoAmI')!)
  Req()(prototype, 'whoAmI', 0)
  Controller()(WhoAmI)
  class App {}
  Module({ controllers: [WhoAmI] })(App)
  app = await NestFactory.create(App, { logger: false })
  app.use(scopedMemory({ client: createInMemoryClient(), userId }))
  app.use(memoryRoutes())
  await app.listen(0, '127.0.0.1')
  return app.getUrl()
}
