import type { ScopedMemory, ScopedMemoryOptions } from '@scoped-memory/core'
import { fromSession } from '@scoped-memory/middleware/identity'
import { scopedMemory } from '@scoped-memory/middleware/express'
import express, { type ErrorRequestHandler, type Express, type Request } from 'express'
import session from 'express-session'

declare module 'express-session' {
  interface SessionData {
    userId: string
  }
}

/** How the app uses the memory of a request: correctly, or with one of the mistakes of mistakes.ts. */
export interface NoteKeeping {
  memoryOf(req: Request): ScopedMemory | Promise<ScopedMemory>
  remember(memory: ScopedMemory, text: string): Promise<unknown>
}

export const CORRECT: NoteKeeping = {
  memoryOf: (req) => req.memory,
  remember: (memory, text) => memory.add(text, { infer: false }),
}

/** A server that keeps notes for the user who is logged in. */
export function createApp(
  options: ScopedMemoryOptions,
  { memoryOf, remember }: NoteKeeping = CORRECT,
): Express {
  const app = express()
  app.use(express.json())
  app.use(session({ secret: 'soak', resave: false, saveUninitialized: false }))
  // The login trusts its input: authentication is not under test here.
  app.post('/login', (req, res) => {
    req.session.userId = (req.body as { userId: string }).userId
    res.sendStatus(204)
  })

  app.use(scopedMemory({ ...options, userId: fromSession('userId') }))
  app.post('/notes', async (req, res) => {
    await remember(await memoryOf(req), (req.body as { text: string }).text)
    res.sendStatus(201)
  })
  app.get('/notes', async (req, res) => {
    const memory = await memoryOf(req)
    const { results } =
      typeof req.query['q'] === 'string' ? await memory.search(req.query['q']) : await memory.getAll()
    res.json(results)
  })
  app.get('/notes/all', async (req, res) => {
    const memory = await memoryOf(req)
    const notes: unknown[] = []
    for await (const record of memory.list()) notes.push(record)
    res.json(notes)
  })
  app.use(tellCode)
  return app
}

// Express knows an error handler by its four parameters.
const tellCode: ErrorRequestHandler = (error: { status?: number; code?: string }, _req, res, next) => {
  if (res.headersSent) {
    next(error)
    return
  }
  const { status = 500, code } = error
  res.status(status).json({ code })
}
