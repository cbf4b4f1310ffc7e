import type { Resource, Scope } from './permissions.ts'

/**
 * What happens in an account and is told by webhooks and live events, with what a caller must be allowed to be told of
 * it. Kinds of files carry Pinata's names (reference of Pinata's wire, webhooks); the others are ours.
 */
export const eventKinds = {
  'ipfs.public.file_added': { scope: 'files.list', resource: 'org:files:read', title: 'A public file was added' },
  'ipfs.public.file_updated': { scope: 'files.list', resource: 'org:files:read', title: 'A public file was changed' },
  'ipfs.public.file_deleted': { scope: 'files.list', resource: 'org:files:read', title: 'A public file was deleted' },
  'ipfs.private.file_added': { scope: 'files.list', resource: 'org:files:read', title: 'A private file was added' },
  'ipfs.private.file_updated': { scope: 'files.list', resource: 'org:files:read', title: 'A private file was changed' },
  'ipfs.private.file_deleted': { scope: 'files.list', resource: 'org:files:read', title: 'A private file was deleted' },
  'pin.pinned': { scope: 'psa.list', resource: 'org:files:read', title: 'A pin by CID is pinned' },
  'pin.failed': { scope: 'psa.list', resource: 'org:files:read', title: 'A pin by CID has failed' },
  'key.created': { scope: 'keys.list', resource: 'org:write', title: 'An API key was made' },
  'key.regenerated': { scope: 'keys.list', resource: 'org:write', title: 'An API key was regenerated' },
  'key.revoked': { scope: 'keys.list', resource: 'org:write', title: 'An API key was revoked' },
  'name.published': { scope: 'names.list', resource: 'org:read', title: 'An IPNS name was published' },
  'quota.near': { scope: 'account.get', resource: 'org:read', title: 'Four fifths of the quota are used' },
  'quota.reached': { scope: 'account.get', resource: 'org:read', title: 'The quota is reached' },
} as const satisfies Record<string, { scope: Scope; resource: Resource; title: string }>

/** The name of a kind of event; `event_type` of what is sent. */
export type EventKind = keyof typeof eventKinds

/** Every kind, in the order in which they are shown. */
export const eventKindNames = Object.keys(eventKinds) as [EventKind, ...EventKind[]] // the keys of the object above
