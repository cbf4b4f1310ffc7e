import { type IpfsNode, NoSource, type Tried } from '../ipfs/node/node.ts'
import { beyondMaxAddresses } from '../ipfs/node/origin.ts'
import { AppError } from '../lib/errors.ts'
import type { FailureReason } from './failure-reasons.ts'

/** A reason, in words for people: what is wrong and what to do. They name no address and no place of this installation. */
export interface Setback {
  readonly reason: FailureReason
  readonly detail: string
  /** Trying again cannot help. */
  readonly isFinal: boolean
}

/** Nobody has given a block for as long as this attempt may look for one. */
export class SearchEnded extends Error {
  override readonly name = 'SearchEnded'
}

/** Blocks came, and then none for the idle time. */
export class Stalled extends Error {
  override readonly name = 'Stalled'
}

/** The reason in what an attempt threw; `internal` for what nobody foresaw. */
export function readSetback(
  error: unknown,
  { node, tried, origins }: { node: Pick<IpfsNode, 'kind'>; tried: readonly Tried[]; origins: readonly string[] },
): Setback {
  if (error instanceof NoSource || error instanceof SearchEnded)
    return { ...nobody(node, tried, origins), isFinal: false }
  if (error instanceof Stalled) {
    const detail = `Some blocks came, then no more: whoever has the content went away or is very slow.${whatToDo}`
    return { reason: 'no-progress', detail, isFinal: false }
  }
  if (!(error instanceof AppError)) {
    return { reason: 'internal', detail: 'This server had a fault; the operator finds it in the log.', isFinal: false }
  }
  switch (error.code) {
    case 'quota_reached':
      return { reason: 'quota-reached', detail: error.message, isFinal: true }
    case 'public_content_refused':
      return { reason: 'public-refused', detail: error.message, isFinal: true }
    case 'content_denied':
      return { reason: 'taken-down', detail: error.message, isFinal: true }
    case 'too_large':
    case 'block_too_large':
      return { reason: 'too-large', detail: `${error.message}.${whatToDoLarge}`, isFinal: true }
    case 'unsupported_codec':
    case 'unsupported_hash':
    case 'invalid_block':
    case 'invalid_cid':
      return {
        reason: 'invalid-content',
        detail: `The content cannot be pinned. ${error.message}.${whatToDoInvalid}`,
        isFinal: true,
      }
    case 'storage_full':
      return {
        reason: 'storage',
        detail: 'The disk of this server is full; the operator has to make room.',
        isFinal: false,
      }
    default:
      return {
        reason: 'storage',
        detail: 'The storage of this server could not take it at that moment.',
        isFinal: false,
      }
  }
}

/** What an owner can do about a reason; `detail` of a setback ends in it where there is something. */
const whatToDo =
  ' See that a node which has all of it is online and can be reached, or name its address (origins, hostNodes) with the pin.'
const whatToDoOffline = ' Upload the content as a CAR, or ask the operator to turn the network on (PINYON_IPFS).'
const whatToDoLarge = ' Split it into smaller DAGs.'
const whatToDoInvalid = ' Look whether it is the right CID; trying this one again does not help.'

/** The `detail` of a setback in two: what is wrong, and what to do about it where that is said. */
export function splitDetail(detail: string): { message: string; advice: string | null } {
  const advice = [whatToDo, whatToDoOffline, whatToDoLarge, whatToDoInvalid].find((words) => detail.endsWith(words))
  return advice === undefined
    ? { message: detail, advice: null }
    : { message: detail.slice(0, -advice.length), advice: advice.trimStart() }
}

function nobody(
  node: Pick<IpfsNode, 'kind'>,
  tried: readonly Tried[],
  origins: readonly string[],
): Pick<Setback, 'reason' | 'detail'> {
  const count = (...outcomes: Tried['outcome'][]) => tried.filter(({ outcome }) => outcomes.includes(outcome)).length
  const beyond = tried.filter(({ outcome, detail }) => outcome === 'refused' && detail === beyondMaxAddresses).length
  const refused = count('refused') - beyond
  const asked = count('connected', 'gave', 'has-not')
  const about = [
    asked > 0 ? `${many(asked, 'source')} asked, none had the next block` : '',
    count('unreachable') > 0 ? `${many(count('unreachable'), 'address', 'addresses')} could not be reached` : '',
    refused > 0
      ? `${many(refused, 'address', 'addresses')} refused: private ones are dialled only where the operator permits it (PINYON_DIAL_PRIVATE)`
      : '',
    beyond > 0 ? `${many(beyond, 'address', 'addresses')} not dialled: ${beyondMaxAddresses}` : '',
    count('not-understood') > 0 ? `${many(count('not-understood'), 'address', 'addresses')} not understood` : '',
    count('lied') > 0 ? `${many(count('lied'), 'source')} gave wrong bytes and is asked no more` : '',
  ].filter((part) => part !== '')
  const facts = about.length === 0 ? '' : ` (${about.join('; ')})`
  if (node.kind === 'off') {
    const detail = `The IPFS network is off on this server, so only gateways and HTTP addresses can be asked${facts}.${whatToDoOffline}`
    return { reason: 'network-off', detail }
  }
  if (count('lied') > 0 && asked === 0) {
    return { reason: 'wrong-blocks', detail: `Only wrong bytes were given for this CID${facts}.${whatToDo}` }
  }
  if (origins.length > 0 && tried.length > 0 && asked === 0 && tried.every(({ outcome }) => unusable.has(outcome))) {
    return { reason: 'bad-origin', detail: `No address that was named is of use${facts}.${whatToDo}` }
  }
  return { reason: 'no-source', detail: `Nobody was found who has this content${facts}.${whatToDo}` }
}

/** Whether an attempt ended because there was nobody to ask: no network, no gateway, no address that may be dialled. */
export function hadNobodyToAsk(error: unknown, tried: readonly Tried[]): boolean {
  return error instanceof NoSource && tried.every(({ outcome }) => undialled.has(outcome))
}

const undialled = new Set<Tried['outcome']>(['refused', 'not-understood'])

const unusable = new Set<Tried['outcome']>(['refused', 'not-understood', 'unreachable'])

function many(count: number, one: string, more = `${one}s`): string {
  return `${count} ${count === 1 ? one : more}`
}
