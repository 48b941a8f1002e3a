import type { ApiResponse } from './responses.ts'
import type { PlatformState } from './platform-state.ts'

export interface ApiRequest {
  readonly method: string
  /** Decoded, so that an encoded slash separates like any other, as behind WSGI in the service. */
  readonly path: string
  readonly params: Readonly<Record<string, string>>
  readonly query: URLSearchParams
  readonly body: Readonly<Record<string, unknown>>
  readonly header: (name: string) => string | undefined
  /** `http://host:port/path` as the client sees it, for links to other pages. */
  readonly location: string
}

export type Handler = (request: ApiRequest, state: PlatformState) => ApiResponse
type Methods = Readonly<Partial<Record<'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', Handler>>>
/** By path; `:name` is one segment, `*name` may hold slashes. */
export type Routes = Readonly<Record<string, Methods>>

export interface Match {
  readonly methods: Methods
  readonly params: Readonly<Record<string, string>>
}

export type Router = (path: string) => Match | undefined

/** Literal paths win; among patterns, the first that matches. */
export function createRouter(routes: Routes): Router {
  const literal = new Map<string, Match>()
  const patterns: { regex: RegExp; methods: Methods }[] = []
  for (const [path, methods] of Object.entries(routes)) {
    if (/[:*]/.test(path)) patterns.push({ regex: patternOf(path), methods })
    else literal.set(path, { methods, params: {} })
  }
  return (path) => {
    const found = literal.get(path)
    if (found) return found
    for (const { regex, methods } of patterns) {
      const params = regex.exec(path)?.groups
      if (params) return { methods, params }
    }
    return undefined
  }
}

const patternOf = (path: string): RegExp =>
  new RegExp(`^${path.replace(/:(\w+)/g, '(?<$1>[^/]+)').replace(/\*(\w+)/g, '(?<$1>.+)')}$`, 's')
