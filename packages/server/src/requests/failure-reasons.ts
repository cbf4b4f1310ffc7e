import type { pinJobStatuses } from '@pinyon/contract/schemas/pin-jobs.ts'

/** How the hosted service calls a job. */
export type PinJobStatus = (typeof pinJobStatuses)[number]

interface Reason {
  /** What to tell the owner, without addresses or paths: the Pinning Services API shows it. */
  readonly words: string
  /** How the hosted service calls a job that failed for it. */
  readonly job: PinJobStatus
}

/** `fetches.reason`: why a fetch failed, or what kept its last attempt. */
export const failureReasons = {
  'no-source': {
    words: 'Nobody who has the content was found. Keep a node with it online, or name its address as an origin.',
    job: 'expired',
  },
  'no-progress': {
    words: 'Those who have the content stopped sending it. Keep a node with it online, then pin it again.',
    job: 'expired',
  },
  'out-of-time': {
    words: 'The content did not arrive in the time given to a pin. Keep a node with it online, then pin it again.',
    job: 'expired',
  },
  'bad-origin': {
    words: 'None of the origins may be or can be connected to. Name a public address that ends in /p2p/ and a peer id.',
    job: 'bad_host_node',
  },
  'quota-reached': {
    words: 'The quota of the account is reached. Delete files or ask the operator for more, then pin it again.',
    job: 'over_free_limit',
  },
  'public-refused': {
    words: 'The account keeps everything private, so nothing can be pinned publicly.',
    job: 'over_free_limit',
  },
  'taken-down': {
    words: 'The operator of this server has taken this content down.',
    job: 'invalid_object',
  },
  'too-large': { words: 'The content is larger, deeper or wider than this service pins.', job: 'over_max_size' },
  'invalid-content': {
    words:
      'A block of the content cannot be read: its codec or hash function is not supported, or it is malformed. Look whether it is the right CID.',
    job: 'invalid_object',
  },
  'network-off': {
    words: 'The IPFS network is off on this server. Upload the content, or ask the operator to turn the network on.',
    job: 'expired',
  },
  'wrong-blocks': {
    words: 'Only bytes that do not match the CID were given. Keep a node with the content online, or name its address.',
    job: 'expired',
  },
  storage: {
    words: 'The storage of this server could not take the content. The operator has to look.',
    job: 'expired',
  },
  internal: { words: 'This server had a fault. The operator finds it in the log.', job: 'expired' },
} as const satisfies Record<string, Reason>

/** One of these. */
export type FailureReason = keyof typeof failureReasons

/** What is known of a reason; a general one for null and for what a newer program wrote. */
export function reasonFor(reason: string | null): Reason {
  if (reason !== null && Object.hasOwn(failureReasons, reason)) return failureReasons[reason as FailureReason] // as was just seen
  return { words: 'The content could not be fetched.', job: 'expired' }
}
