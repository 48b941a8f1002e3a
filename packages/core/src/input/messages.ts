import { InvalidArgumentError, ScopeEscapeError } from '../errors.ts'
import type { EngineName } from '../types.ts'
import { isIdentityMetadata, namesTenant, namesUser } from './scope.ts'
import { isPlainObject, kindOf, MAX_VALUES, snapshot, snapshotObject, type PlainObject } from './snapshot.ts'

const EXAMPLE = 'Pass a non-empty string or [{ role: "user", content: "…" }].'
const LABEL = 'add() messages'
/** What the SDKs of OpenAI and Anthropic and the AI SDK call a part that is text. */
const TEXT_PARTS = new Set<unknown>(['text', 'input_text', 'output_text'])
/** What mem0 reads beside text. */
const MEDIA_PARTS: Readonly<Record<EngineName, ReadonlySet<unknown>>> = {
  hosted: new Set(['image_url', 'mdx_url', 'pdf_url']),
  'self-hosted': new Set(['image_url']),
}
/** In these roles, the `name` of a message is that of a function. */
const TOOL_ROLES = new Set(['tool', 'function'])

interface Message {
  readonly role: string
  readonly content: string | PlainObject | readonly PlainObject[]
}

/**
 * The messages of an add as a list of role and content, which is what mem0 reads: a string is one message of the user.
 *
 * A conversation is taken as the SDKs of OpenAI (Chat Completions and Responses), Anthropic, Gemini and Bedrock and the AI
 * SDK (model and UI messages) hand it out. Of a message only the role and the text are read. Parts that are not text, such
 * as tool calls, their results and reasoning, are left out, and so is a message that has nothing else.
 *
 * @throws InvalidArgumentError for anything but a string or a list of messages, for a conversation without text, and for
 *   text that a database cannot keep
 * @throws ScopeEscapeError for a message that says whose it is
 */
export function readMessages(value: unknown, engine: EngineName): PlainObject[] {
  const messages = (
    typeof value === 'string' ? [userMessage(value)] : new Reader(engine).messagesOf(value)
  ).filter(({ content }) => typeof content !== 'string' || content.trim() !== '')
  if (messages.length === 0) {
    throw new InvalidArgumentError(
      `add() messages holds no text, so there is nothing to remember. ${EXAMPLE}`,
    )
  }
  return snapshot(messages, LABEL) as unknown as PlainObject[]
}

const userMessage = (content: string): Message => ({ role: 'user', content })

/** Reads the messages of one add: each property once, and at most as many items as plain data may have values. */
class Reader {
  readonly #engine: EngineName
  #items = 0

  constructor(engine: EngineName) {
    this.#engine = engine
  }

  messagesOf(value: unknown): Message[] {
    if (!Array.isArray(value)) throw wrong(LABEL, `must not be ${kindOf(value)}`)
    return this.#itemsOf(value).flatMap((item, index) => this.#message(item, `${LABEL}[${index}]`))
  }

  /** A message as mem0 reads it: as one, none, or on a self-hosted back end one for each part. */
  #message(message: unknown, label: string): Message[] {
    // A list that is built with conditions has gaps.
    if (message === undefined || message === null) return []
    if (typeof message !== 'object') throw wrong(label, `must be a message, not ${kindOf(message)}`)
    if (!isPlainObject(message)) throw wrong(label, 'must be an object literal, not an instance of a class')
    const { role, type, content, parts } = message as Record<string, unknown>
    if (typeof role !== 'string') {
      // OpenAI's Responses list calls and reasoning among the messages.
      const isItem = role === undefined && type !== undefined && type !== 'message'
      if (isItem && !['content', 'data', 'text'].some((name) => Object.hasOwn(message, name))) return []
      throw wrong(label, 'has no role')
    }
    refuseIdentity(message as Record<string, unknown>, role, label, this.#engine)

    const inContent = this.#partsOf(content, label)
    const source = inContent.length === 0 && parts !== undefined ? parts : content
    const read = source === content ? inContent : this.#partsOf(parts, label)
    if (source === undefined && role !== 'assistant') throw wrong(label, 'has no content')
    if (this.#engine === 'self-hosted' || !Array.isArray(source)) {
      // mem0ai/oss stores what comes before a list of parts and then fails on it.
      return read.map((part) => ({ role, content: part }))
    }
    const list = read.map((part) => (typeof part === 'string' ? { type: 'text', text: part } : part))
    return list.length === 0 ? [] : [{ role, content: list }]
  }

  #partsOf(content: unknown, label: string): (string | PlainObject)[] {
    if (content === undefined || content === null) return []
    if (typeof content !== 'string' && typeof content !== 'object') {
      throw wrong(label, `has content that is ${kindOf(content)}`)
    }
    const parts = Array.isArray(content) ? this.#itemsOf(content) : [content]
    return parts.map((part) => this.#part(part, label)).filter((part) => part !== undefined)
  }

  /** A part that is text, or something else that mem0 reads; undefined for any other. */
  #part(part: unknown, label: string): string | PlainObject | undefined {
    if (typeof part === 'string') return part.trim() === '' ? undefined : part
    if (typeof part !== 'object' || part === null) return undefined
    const { type, text } = part as Record<string, unknown>
    if (type === undefined && text === undefined) throw wrong(label, 'has a part without a type')
    if (type === undefined || TEXT_PARTS.has(type)) {
      if (typeof text === 'string') return text.trim() === '' ? undefined : text
      if (text === undefined || text === null) return undefined
      throw wrong(label, 'has a part whose text is not a string')
    }
    return MEDIA_PARTS[this.#engine].has(type)
      ? { ...snapshotObject(part, label), type: type as string }
      : undefined
  }

  // Read once, whatever the list answers when it is asked again.
  #itemsOf(list: readonly unknown[]): unknown[] {
    const { length } = list
    this.#items += length
    if (this.#items > MAX_VALUES) throw wrong(LABEL, `holds more than ${MAX_VALUES} values`)
    return Array.from({ length }, (_, index) => list[index])
  }
}

function wrong(label: string, problem: string): InvalidArgumentError {
  return new InvalidArgumentError(`${label} ${problem}. ${EXAMPLE}`)
}

function refuseIdentity(
  message: Readonly<Record<string, unknown>>,
  role: string,
  label: string,
  engine: EngineName,
): void {
  for (const key of Object.keys(message)) {
    const isIdentity = namesUser(key) || namesTenant(key) || isIdentityMetadata(key)
    const isName = key === 'name' && engine === 'hosted' && !TOOL_ROLES.has(role)
    if ((!isIdentity && !isName) || (message[key] ?? undefined) === undefined) continue
    if (isIdentity) {
      throw new ScopeEscapeError(
        `${label} cannot say whose it is (${JSON.stringify(key.slice(0, 64))}): the handle does. Remove it, or pass runId, appId or agentId as an option.`,
      )
    }
    throw new ScopeEscapeError(
      `${label} has a name. The hosted API files what a named participant says under that name, outside this user. Remove it, or write it into the content.`,
    )
  }
}
