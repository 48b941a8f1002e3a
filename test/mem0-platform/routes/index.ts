import type { Routes } from '../router.ts'
import { batchRoutes } from './batch.ts'
import { entityRoutes } from './entities.ts'
import { eventRoutes } from './events.ts'
import { exportRoutes } from './exports.ts'
import { feedbackRoutes } from './feedback.ts'
import { memoryRoutes } from './memories.ts'
import { singleMemoryRoutes } from './single-memory.ts'
import { profileRoutes } from './profiles.ts'
import { projectRoutes } from './project.ts'
import { webhookRoutes } from './webhooks.ts'

/** The order matters where two patterns match one path: a memory's history comes before an entity's memories. */
export const routes: Routes = {
  ...memoryRoutes,
  ...singleMemoryRoutes,
  ...profileRoutes,
  ...entityRoutes,
  ...batchRoutes,
  ...eventRoutes,
  ...exportRoutes,
  ...feedbackRoutes,
  ...projectRoutes,
  ...webhookRoutes,
}
