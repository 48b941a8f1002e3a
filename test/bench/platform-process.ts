// The stand-in in a process of its own, so that it does not share the event loop with what is measured.
import { startMem0Platform } from '../mem0-platform/index.ts'

const { url } = await startMem0Platform({ recordRequests: false })
console.log(url)
