import type { z } from 'zod'
import type { Dialect } from './errors.ts'
import type { Asked } from './permissions.ts'

/** How a caller may show who it is. `none` is said by leaving the list empty. */
type CredentialKind = 'key' | 'session'

/** Which limit on requests a row falls under; by default only the first three are limited. */
type RateClass = 'sign-in' | 'setup' | 'password' | 'data' | 'read' | 'write' | 'free'

/** How the body travels: parsed JSON, a streamed multipart form, the bytes of a file, or nothing. */
type BodyKind = 'none' | 'json' | 'multipart' | 'bytes'

type Schema = z.ZodType

/** One row of the route table. Everything about a route that is not what it does itself. */
export interface Route<
  P extends Schema = Schema,
  Q extends Schema = Schema,
  B extends Schema = Schema,
  R extends Schema = Schema,
> extends Asked {
  /** Name of the operation, unique; also its `operationId`. */
  readonly id: string
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  /** Path with `:name` parameters. */
  readonly path: string
  /** Other mounts of the same row, with the parameters they imply. */
  readonly aliases?: readonly { readonly path: string; readonly params?: Readonly<Record<string, string>> }[]
  readonly dialect: Dialect
  readonly credentials: readonly CredentialKind[]
  /**
   * It shows and changes nothing beyond the files that a key with the bound `own` or `groups` reaches. Rows that do not
   * say so are refused to such keys.
   */
  readonly keepsReach?: boolean
  /** Its answer shows something once (a secret, a token), so it is kept for no repeated request. */
  readonly showsSecret?: boolean
  /** False: asking costs no use of a key with max uses. */
  readonly countsUse?: boolean
  readonly rateClass: RateClass
  readonly bodyKind: BodyKind
  /** Bytes; for `multipart` and `bytes` the largest upload. */
  readonly bodyLimitBytes: number
  /** The member of a JSON body that is content to be stored, or all of it where it has none: it may be large. */
  readonly contentField?: string
  /** `echo`: any origin may call with an explicit credential. `none`: same origin only. `any`: public. */
  readonly cors: 'echo' | 'none' | 'any'
  /** Headers of all its answers, refusals too, and of `OPTIONS`. */
  readonly answerHeaders?: Readonly<Record<string, string>>
  readonly params: P
  readonly query: Q
  readonly body: B
  readonly response: R
  /** What the answer is when it is not JSON. */
  readonly responseType?: string
  /** The heading it stands under in the reference. */
  readonly tag: string
  readonly summary: string
  readonly description?: string
}

/** States a row, keeping the types of its schemas. */
export function route<P extends Schema, Q extends Schema, B extends Schema, R extends Schema>(
  row: Route<P, Q, B, R>,
): Route<P, Q, B, R> {
  return row
}
