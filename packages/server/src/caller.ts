import type { Granted } from '@pinyon/contract/permissions.ts'
import type { KeyBounds } from '@pinyon/contract/schemas/keys.ts'

/** Who asks, as checked: the result of presenting a credential. What the row of the route table asks is checked already. */
export interface Caller {
  readonly accountId: string
  readonly granted: Granted
  /** The key presented, when it was a key. */
  readonly key?: {
    readonly id: string
    readonly name: string
    readonly publicPart: string
    /** Ids of the keys above it, the topmost first; left out where nobody looked. */
    readonly ancestors?: readonly string[]
  }
  /** The user signed in, when it was a session. */
  readonly user?: { readonly id: string; readonly email: string; readonly role: string; readonly sessionId: string }
  /** What the key is bound to, those of the keys above it included. Undefined: nothing. */
  readonly bounds?: KeyBounds | undefined
  /** Which files of the account it may see and change. Undefined: all of them. */
  readonly reach?: Reach | undefined
  readonly origin: RequestOrigin
}

/** What a caller reaches of the files of its account; what is beyond is as if it were not there (`keys/reach.ts`). */
export interface Reach {
  /** Files made with this key and those below it; `level` says in which column of a file it stands. */
  readonly owner: { readonly keyId: string; readonly level: 1 | 2 | 3 } | undefined
  /** Files in these groups. */
  readonly groups: readonly string[] | undefined
}

/** Where a request came from, for the audit log. */
export interface RequestOrigin {
  readonly requestId: string
  /** Client address; forwarded headers count only from trusted proxies. */
  readonly address: string | null
  readonly agent: string | null
}
