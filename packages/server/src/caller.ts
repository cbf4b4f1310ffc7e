import type { Granted } from '@pinyon/contract/permissions.ts'

/** Who asks, as checked: the result of presenting a credential. What the row of the route table asks is checked already. */
export interface Caller {
  readonly accountId: string
  readonly granted: Granted
  /** The key presented, when it was a key. */
  readonly key?: { readonly id: string; readonly name: string; readonly publicPart: string }
  /** The user signed in, when it was a session. */
  readonly user?: { readonly id: string; readonly email: string; readonly role: string; readonly sessionId: string }
  readonly origin: RequestOrigin
}

/** Where a request came from, for the audit log. */
export interface RequestOrigin {
  readonly requestId: string
  /** Client address; forwarded headers count only from trusted proxies. */
  readonly address: string | null
  readonly agent: string | null
}
