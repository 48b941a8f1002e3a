import { ok, ApiError } from '../responses.ts'
import { ORGANISATION, OWNER_EMAIL, PING, PROJECT } from '../account.ts'
import type { ApiRequest, Handler, Routes } from '../router.ts'
import { pickFields } from '../wire-rows.ts'

/** The project that the key belongs to, and its settings, which apply to all its users. */

const ping: Handler = () =>
  ok({ status: 'ok', org_id: ORGANISATION, project_id: PROJECT, user_email: OWNER_EMAIL })

const defaults = {
  name: 'stand-in',
  description: '',
  custom_instructions: null,
  agent_custom_instructions: null,
  custom_categories: null,
  memory_depth: null,
  usecase: null,
  multilingual: false,
  decay: false,
  enable_graph: false,
  version: 'v3',
}

const get: Handler = (request, { projectSettings }) => {
  requireOwnProject(request)
  const project = {
    project_id: PROJECT,
    is_default: true,
    user_role: 'OWNER',
    members: [{ username: OWNER_EMAIL, email: OWNER_EMAIL, role: 'OWNER' }],
    ...defaults,
    ...Object.fromEntries(projectSettings),
  }
  return ok(pickFields(project, request.query.getAll('fields')))
}

const update: Handler = (request, { projectSettings }) => {
  requireOwnProject(request)
  for (const [name, value] of Object.entries(request.body)) {
    if (Object.hasOwn(defaults, name)) projectSettings.set(name, value)
  }
  return ok({ message: 'Project updated successfully' })
}

function requireOwnProject({ params }: ApiRequest): void {
  if (params.orgId === ORGANISATION && params.projectId === PROJECT) return
  throw new ApiError(404, { message: 'Organization or project not found' })
}

export const projectRoutes: Routes = {
  [PING]: { GET: ping },
  '/api/v1/orgs/organizations/:orgId/projects/:projectId/': { GET: get, PATCH: update },
}
