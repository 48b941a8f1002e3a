import 'mem0ai/oss'
         import { openEmbeddedMemory } from "file:///tmp/wt/testkit/packages/core/src/embedded/index.ts"
         import { hashEmbedder } from "file:///tmp/wt/testkit/packages/core/test/embedded/hash-embedder.ts"
         globalThis.fetch = async (url) => { console.log('sent to', String(url)); throw new Error('offline') }
         await using memory = await openEmbeddedMemory({ embedder: hashEmbedder(8) })
         const { results } = await memory.add('I am vegetarian', { userId: 'u_alice' })
         await memory.search('what did I eat yesterday', { filters: { user_id: 'u_alice' }, topK: 100 })
         await memory.getAll({ filters: { user_id: 'u_alice' }, topK: 100 })
         await memory.update(results[0].id, 'I am vegan')
         await memory.get(results[0].id)
         await memory.deleteAll({ userId: 'u_alice' })
         await memory.reset()