import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A language model behind OpenAI's API that infers each new message as one fact, verbatim. */
export async function startFactModel(): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((req, res) => {
    let text = ''
    req.on('data', (chunk: Buffer) => (text += chunk.toString()))
    req.on('end', () => {
      const { messages } = JSON.parse(text) as { messages: { role: string; content: string }[] }
      const prompt = messages.findLast(({ role }) => role === 'user')!.content
      const news = prompt.slice(prompt.lastIndexOf('New Messages'))
      const facts = [...news.matchAll(/^(user|assistant): (.+)$/gm)].map(([, role, fact], index) => ({
        id: String(index),
        text: fact,
        attributed_to: role,
      }))
      res.setHeader('content-type', 'application/json')
      res.end(
        JSON.stringify({
          choices: [{ message: { role: 'assistant', content: JSON.stringify({ memory: facts }) } }],
        }),
      )
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}`,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
