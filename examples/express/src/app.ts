import type { ScopedMemoryOptions } from '@scoped-memory/core'
import { memoryRoutes, scopedMemory } from '@scoped-memory/middleware/express'
import { fromPassport } from '@scoped-memory/middleware/identity'
import express, { type Express } from 'express'
import { login } from './login.ts'

/** @param options where the memories are kept: hosted mem0 without a `client`, or any mem0 client */
export function createApp(options: ScopedMemoryOptions): Express {
  const app = express()
  app.use((_req, res, next) => {
    res.set('content-security-policy', "default-src 'self'; frame-ancestors 'none'")
    next()
  })
  app.use(express.static(new URL('../public', import.meta.url).pathname))
  app.use(express.json())
  app.use(login())

  // From here on there is a user, and req.memory is that user's.
  app.use(scopedMemory({ ...options, userId: fromPassport() }))
  app.use(memoryRoutes({ path: '/memories' }))

  app.post('/chat', async (req, res) => {
    const message: unknown = req.body?.message
    if (typeof message !== 'string' || message.trim() === '') {
      res.status(400).json({ error: 'Send { "message": "…" }.' })
      return
    }
    const { results } = await req.memory.search(message, { topK: 3 })
    const recalled = results.map(({ memory }) => memory)
    if (message.trim().endsWith('?')) {
      const reply = recalled.length > 0 ? `You told me: ${recalled.join(' · ')}` : 'You have not told me yet.'
      res.json({ reply, recalled })
    } else {
      await req.memory.add(message, { infer: false })
      res.json({ reply: 'I will remember that.', recalled })
    }
  })
  return app
}
