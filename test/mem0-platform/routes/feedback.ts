import { randomUUID } from 'node:crypto'
import { memoryNotFound, ok, fieldError } from '../responses.ts'
import { optionalText, requireUuid } from '../request-fields.ts'
import type { Handler, Routes } from '../router.ts'

const VALUES: readonly unknown[] = ['POSITIVE', 'NEGATIVE', 'VERY_NEGATIVE']

const submit: Handler = ({ body }, { store }) => {
  if (body.memory_id === undefined) throw fieldError('memory_id', 'This field is required.')
  const feedback = body.feedback ?? null
  if (feedback !== null && !VALUES.includes(feedback)) {
    throw fieldError('feedback', `"${String(feedback)}" is not a valid choice.`)
  }
  const reason = optionalText(body, 'feedback_reason') ?? null
  if (!store.get(requireUuid(body.memory_id))) throw memoryNotFound()
  return ok({ id: randomUUID(), feedback, feedback_reason: reason })
}

export const feedbackRoutes: Routes = { '/v1/feedback/': { POST: submit } }
