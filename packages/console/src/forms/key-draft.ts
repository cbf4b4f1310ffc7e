import { ApiError, type CallInput } from '@pinyon/contract/client.ts'
import {
  type Granted,
  normalisePermissions,
  type Permissions,
  presentPermissions,
  presets,
  type Preset,
  scopes,
  type Scope,
} from '@pinyon/contract/permissions.ts'
import type { routes } from '@pinyon/contract/routes.ts'
import type { KeyDetail } from '../api/keys.ts'
import { type BoundsDraft, boundsDraftOf, findBoundsProblems, noBounds, presentBounds } from './bounds-draft.ts'
import { type Expiry, findExpiryProblem, presentExpiry } from './expiry.ts'

/** A key as it stands in the form, before it is made. */
export interface KeyDraft {
  readonly name: string
  readonly isAdmin: boolean
  readonly isOperator: boolean
  /** What was chosen in the tree; kept, and not sent, while Admin is on. */
  readonly chosen: ReadonlySet<Scope>
  /** As it was typed; empty is unlimited. */
  readonly maxUses: string
  readonly expiry: Expiry
  readonly bounds: BoundsDraft
}

/** The body of the request that makes a key. */
export type KeyBody = NonNullable<CallInput<typeof routes.keysCreate>['body']>

/** What is wrong with a draft, by field, in words. */
export type KeyProblems = {
  readonly [field in 'name' | 'permissions' | 'maxUses' | 'expiry' | 'bounds' | 'maxBytes' | 'maxFileBytes']?: string
}

/** The ready sets by name. */
export const presetNames = Object.keys(presets) as readonly Preset[] // its keys

/** A draft with nothing chosen, or with a ready set. */
export function startDraft(preset: Preset | undefined): KeyDraft {
  return {
    name: '',
    isAdmin: false,
    isOperator: false,
    chosen: new Set(preset === undefined ? [] : presets[preset].scopes),
    maxUses: '',
    expiry: { kind: 'year', date: '' },
    bounds: noBounds,
  }
}

/** A draft of a key that may do what another was used for and no more, within the bounds and the uses of that one. */
export function draftOfLess(
  key: Pick<KeyDetail, 'name' | 'permissions' | 'maxUses' | 'bounds'>,
  enough: Permissions | null,
): KeyDraft {
  const { admin, operator, scopes: chosen } = normalisePermissions(enough ?? key.permissions)
  return {
    ...startDraft(undefined),
    name: `${key.name}, smaller`,
    isAdmin: admin,
    isOperator: operator,
    chosen: new Set(chosen),
    maxUses: key.maxUses === null ? '' : String(key.maxUses),
    bounds: boundsDraftOf(key.bounds),
  }
}

/** What the key of a draft may do. */
export function grantedBy({ isAdmin, isOperator, chosen }: KeyDraft): Granted {
  return isAdmin
    ? normalisePermissions({ admin: true, operator: isOperator })
    : { admin: false, operator: isOperator, resources: [], scopes: scopes.filter((scope) => chosen.has(scope)) }
}

/** The request that makes the key. */
export function presentDraft(draft: KeyDraft): KeyBody {
  const { admin, endpoints, operator } = presentPermissions(grantedBy(draft))
  const maxUses = readMaxUses(draft.maxUses)
  const bounds = presentBounds(draft.bounds)
  return {
    keyName: draft.name.trim(),
    permissions: { ...(admin === true ? { admin } : { endpoints }), ...(operator === true ? { operator } : {}) },
    ...(typeof maxUses === 'number' ? { maxUses } : {}),
    ...presentExpiry(draft.expiry),
    ...(bounds === undefined ? {} : { bounds }),
  }
}

/** What is wrong with a draft; nothing where it can be sent. */
export function findProblems(draft: KeyDraft, now: number): KeyProblems {
  const expiry = findExpiryProblem(draft.expiry, now)
  const granted = grantedBy(draft)
  return {
    ...(draft.name.trim() === '' ? { name: 'Give the key a name by which you will know it again.' } : {}),
    ...(granted.admin || granted.operator || granted.scopes.length > 0
      ? {}
      : { permissions: 'Turn Admin on, or choose at least one endpoint.' }),
    ...(readMaxUses(draft.maxUses) === 'wrong'
      ? { maxUses: 'Write a whole number of at least 1, or leave it empty: then there is no limit.' }
      : {}),
    ...(expiry === undefined ? {} : { expiry }),
    ...findBoundsProblems(draft.bounds),
  }
}

/** Undefined is unlimited. */
function readMaxUses(text: string): number | undefined | 'wrong' {
  const trimmed = text.trim()
  if (trimmed === '') return undefined
  const number = Number(trimmed)
  return /^\d+$/.test(trimmed) && number >= 1 && Number.isSafeInteger(number) ? number : 'wrong'
}

const fieldOf: Readonly<Record<string, keyof KeyProblems>> = {
  keyName: 'name',
  maxUses: 'maxUses',
  permissions: 'permissions',
  expiresAt: 'expiry',
  expiresIn: 'expiry',
  bounds: 'bounds',
}

/** The server's no, beside the field that it names. */
export function problemsIn(error: unknown): KeyProblems {
  if (!(error instanceof ApiError)) return {}
  if (error.reason === 'SCOPE_NOT_HELD') return { permissions: error.message }
  const field = fieldOf[/^\w+/.exec(error.message)?.[0] ?? '']
  return field === undefined ? {} : { [field]: error.message }
}
