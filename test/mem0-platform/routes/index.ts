import type { Routes } from '../router.ts'
import { memoryRoutes } from './memories.ts'
import { singleMemoryRoutes } from './memory.ts'
import { pingRoutes } from './ping.ts'

export const routes: Routes = {
  ...memoryRoutes,
  ...singleMemoryRoutes,
  ...pingRoutes,
}
