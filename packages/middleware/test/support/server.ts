import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { ScopedMemory } from '@scoped-memory/core'
import { onTestFinished } from 'vitest'
import type { MemoryOptions } from '../../src/resolver.ts'
import type { MemoryRoutesOptions } from '../../src/your-data/routes.ts'

/** One request as a test's route sees it, whichever framework it came through. */
export interface Exchange {
  /** What `userId` was called with: req, ctx, request or c. */
  readonly request: object
  readonly query: URLSearchParams
  header(name: string, value: string): void
  getMemory(): ScopedMemory
  tryGetMemory(): ScopedMemory | undefined
  /** `req.memory` and what the others call it. */
  readonly property: unknown
  /** `req.memory = value`; only where there is such a property. */
  assign?(value: unknown): void
}

/** What a route returns: text in pieces, sent as they come, or anything else as JSON. */
export type Route = (exchange: Exchange) => Promise<unknown>

export interface App {
  /** Options of `scopedMemory()`, one per time it is mounted, in order. */
  readonly mounts: readonly MemoryOptions<never>[]
  /** Routes behind it, by path. */
  readonly routes: Readonly<Record<string, Route>>
  /** Routes where it is not mounted, by path. */
  readonly outside?: Readonly<Record<string, Route>>
  /** Mounts the "your data" endpoints behind it. */
  readonly memoryRoutes?: MemoryRoutesOptions
  /** Mounts a parser of JSON bodies in front, where the framework has none by itself. */
  readonly parsesBodies?: boolean
  /** Runs before it, after the login, on what `userId` is called with. */
  readonly before?: (request: object) => void
  /** Leaves errors to what the framework does with them by itself. */
  readonly ownErrors?: boolean
}

export interface Running {
  readonly url: string
  /** What reached the framework's error path. */
  readonly errors: unknown[]
  close(): Promise<void>
}

/** A framework with a login in front: `authorization: Bearer token-of-<user>`. */
export interface Framework {
  readonly name: string
  /** The user the login verified, as a `userId` option. */
  userOf(request: object): string | undefined
  start(app: App): Promise<Running>
  /** Whether there is a property that somebody else may have set before. */
  readonly foreign?: (request: object, value: unknown) => void
}

const tokenOf = (userId: string): string => `token-of-${userId}`
export const signedIn = (userId: string): { authorization: string } => ({
  authorization: `Bearer ${tokenOf(userId)}`,
})

/** The login of the test servers. */
export function login(authorization: string | null | undefined): string | undefined {
  return /^Bearer token-of-(.+)$/.exec(authorization ?? '')?.[1]
}

export function statusOf(error: unknown): number {
  const { status, statusCode } = error as { status?: unknown; statusCode?: unknown }
  return [status, statusCode].find((code) => typeof code === 'number') ?? 500
}

export function described(error: unknown): { code?: unknown; message: string } {
  const { code, message } = error as { code?: unknown; message: string }
  return { code, message }
}

export const isPieces = (value: unknown): value is AsyncIterable<string> =>
  typeof value === 'object' && value !== null && Symbol.asyncIterator in value

export const streamed = (pieces: AsyncIterable<string>): ReadableStream<Uint8Array<ArrayBuffer>> =>
  ReadableStream.from(pieces).pipeThrough(new TextEncoderStream()) as ReadableStream<Uint8Array<ArrayBuffer>>

export async function listen(
  listener: RequestListener | Server,
): Promise<{ url: string; close(): Promise<void> }> {
  const server = typeof listener === 'function' ? createServer(listener) : listener
  if (!server.listening) await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

/** Starts a server until the test ends, and returns its URL. */
export async function open(listener: RequestListener | Server): Promise<string> {
  const server = await listen(listener)
  onTestFinished(() => server.close())
  return server.url
}

/** Starts the server of a framework until the test ends. */
export async function start(framework: Framework, app: App): Promise<Running> {
  const server = await framework.start(app)
  onTestFinished(() => server.close())
  return server
}
