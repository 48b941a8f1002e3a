import { startFactModel } from '../support/fact-model.ts'
import { OLDEST } from '../support/mem0.ts'
import { openPgliteStore } from '../support/pglite-store.ts'
import { storeSuite } from './store-suite.ts'
import { DIMENSIONS, watchedEmbedder } from './watched-embedder.ts'

// The newest mem0ai runs the same suite on a server: test/engines/postgres-engine.test.ts.
storeSuite('the store in the process, oldest mem0ai', async () => {
  const model = await startFactModel()
  const { embedder, during } = watchedEmbedder()
  const store = await openPgliteStore({
    embedder,
    dimensions: DIMENSIONS,
    Memory: OLDEST.Memory,
    modelUrl: model.url,
  })
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
