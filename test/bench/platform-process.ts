// The stand-in in its own process, so that it does not share the event loop with what is measured.
import { startMem0Platform } from '@scoped-memory/mem0-platform'

const { url } = await startMem0Platform({ recordRequests: false })
console.log(url)
