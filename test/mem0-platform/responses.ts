/** The response of a route; `body` is sent as JSON. */
export interface ApiResponse {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const ok = (body: unknown): ApiResponse => ({ status: 200, body })
export const created = (body: unknown): ApiResponse => ({ status: 201, body })

/** Thrown anywhere below a route to respond with an error status. */
export class ApiError extends Error {
  readonly response: ApiResponse

  constructor(status: number, body: unknown, headers?: Record<string, string>) {
    super(`${status} ${JSON.stringify(body)}`)
    this.name = 'ApiError'
    this.response = headers ? { status, body, headers } : { status, body }
  }
}

/** The service has three shapes of error body: `{ error }`, `{ detail }`, and messages keyed by field. */
export const plainError = (status: number, error: string): ApiError => new ApiError(status, { error })
export const detailError = (status: number, detail: string): ApiError => new ApiError(status, { detail })
export const fieldError = (field: string, message: string): ApiError =>
  new ApiError(400, { [field]: [message] })

export const memoryNotFound = (): ApiError => plainError(404, 'Memory not found!')
