/** What a route answers; `body` is sent as JSON. */
export interface Answer {
  readonly status: number
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

export const ok = (body: unknown): Answer => ({ status: 200, body })
export const created = (body: unknown): Answer => ({ status: 201, body })

/** Thrown anywhere below a route to answer with an error status. */
export class Refusal extends Error {
  readonly answer: Answer

  constructor(status: number, body: unknown, headers?: Record<string, string>) {
    super(`${status} ${JSON.stringify(body)}`)
    this.name = 'Refusal'
    this.answer = headers ? { status, body, headers } : { status, body }
  }
}

/** The service speaks three dialects of error: `{ error }`, `{ detail }` and messages keyed by field. */
export const refuse = (status: number, error: string): Refusal => new Refusal(status, { error })
export const refuseDetail = (status: number, detail: string): Refusal => new Refusal(status, { detail })
export const refuseField = (field: string, message: string): Refusal =>
  new Refusal(400, { [field]: [message] })

export const memoryNotFound = (): Refusal => refuse(404, 'Memory not found!')
