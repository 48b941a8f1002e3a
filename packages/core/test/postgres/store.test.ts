import { startFactModel } from '../support/fact-model.ts'
import { NEWEST, OLDEST } from '../support/mem0.ts'
import { openPgliteStore } from '../support/pglite-store.ts'
import { storeSuite } from './store-suite.ts'
import { DIMENSIONS, watchedEmbedder } from './watched-embedder.ts'

for (const [name, { Memory }] of [
  ['the store in the process', NEWEST],
  ['the store in the process, oldest mem0ai', OLDEST],
] as const) {
  storeSuite(name, async () => {
    const model = await startFactModel()
    const { embedder, during } = watchedEmbedder()
    const store = await openPgliteStore({ embedder, dimensions: DIMENSIONS, Memory, modelUrl: model.url })
    return {
      client: store.client,
      during,
      sql: (text, values) => store.sql(text, values),
      async close() {
        await store.close()
        await model.close()
      },
    }
  })
}
