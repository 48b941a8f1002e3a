import { ok } from '../answers.ts'
import type { Routes } from '../router.ts'

/** The one organisation and project that every key belongs to. */
export const ORGANISATION = 'org-stand-in'
export const PROJECT = 'proj-stand-in'

export const pingRoutes: Routes = {
  '/v1/ping/': {
    GET: () =>
      ok({ status: 'ok', org_id: ORGANISATION, project_id: PROJECT, user_email: 'owner@stand-in.invalid' }),
  },
}
