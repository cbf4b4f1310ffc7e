import { psaStatuses, type PsaListQuery } from '@pinyon/contract/schemas/psa.ts'
import type { z } from 'zod'
import type { Config } from '../config/config.ts'
import { pinStatuses } from '../files/pin-counts.ts'
import { parseCid } from '../ipfs/cid.ts'
import { AppError } from '../lib/errors.ts'
import type { ListPins } from '../requests/list-pins.ts'
import type { PinFilter } from '../requests/pin-filter.ts'
import type { TimeRange } from '../requests/pin-walk.ts'
import { readRfc3339 } from './rfc3339.ts'

type Query = z.infer<typeof PsaListQuery>

/** Pins of a page unless the client asks for another number. */
const usualLimit = 10
const maxCids = 10
/** How often a parameter may be repeated. */
const maxValues = 100
/** Pairs of `meta` in one filter. */
const maxPairs = 50

/** The query of the list of pins. Throws `invalid_request` and `invalid_cid`; nothing is cut or left out silently. */
export function readPinQuery(query: Query, psaStatusDefault: Config['psaStatusDefault']): ListPins {
  const name = query.name || undefined
  return {
    filter: {
      statuses: readStatuses(query) ?? defaultStatuses(name, psaStatusDefault),
      contents: readContents(query),
      name: name === undefined ? undefined : { match: query.match ?? 'exact', text: name },
      meta: readMeta(query),
    },
    range: readRange(query),
    limit: readLimit(query.limit),
  }
}

/**
 * What is listed when no status is asked for. The text of the specification says: what is pinned. Its checker makes a pin
 * that nobody can fetch and looks for it by name without a status, and Helia relies on the text when it looks for a CID;
 * so `compatible` shows all of a name. See docs/decisions/pin-by-cid.md.
 */
function defaultStatuses(name: string | undefined, psaStatusDefault: Config['psaStatusDefault']): readonly number[] {
  return name !== undefined && psaStatusDefault === 'compatible' ? Object.values(pinStatuses) : [pinStatuses.pinned]
}

function readStatuses(query: Query): readonly number[] | undefined {
  const names = split(query, 'status')
  if (names === undefined) return undefined
  const statuses = names.map((name) => {
    const known = psaStatuses.find((status) => status === name)
    if (known === undefined) {
      throw new AppError('invalid_request', `status: must be one or more of ${psaStatuses.join(', ')}`)
    }
    return pinStatuses[known]
  })
  return [...new Set(statuses)]
}

function readContents(query: Query): PinFilter['contents'] {
  const cids = split(query, 'cid')
  if (cids === undefined) return undefined
  const distinct = [...new Set(cids)]
  if (distinct.length > maxCids) throw new AppError('invalid_request', `cid: at most ${maxCids} CIDs`)
  const contents = distinct.map(parseCid)
  // Two spellings of one CID would be counted twice.
  return [
    ...new Map(contents.map((cid) => [`${cid.codec} ${Buffer.from(cid.multihash).toString('hex')}`, cid])).values(),
  ]
}

/**
 * Values are decoded by now: clients escape the comma. Some write a list as `cid[]`: a filter that is passed over would
 * show all pins to a client that goes on to remove them.
 */
function split(query: Query, name: 'cid' | 'status'): string[] | undefined {
  const values = [query[name] ?? [], query[`${name}[]`] ?? []].flat(2)
  if (values.length > maxValues) throw new AppError('invalid_request', `${name}: is there more than ${maxValues} times`)
  // The parser of the query gives text and lists of it.
  return values.length === 0 ? undefined : (values as string[]).flatMap((part) => part.split(','))
}

function readRange({ before, after }: Query): TimeRange {
  const until = before === undefined ? undefined : readRfc3339('before', before)
  const from = after === undefined ? undefined : readRfc3339('after', after)
  // Pins carry whole milliseconds: those of a millisecond that began before the time given are earlier.
  return {
    low: from === undefined ? 0 : from.ms + 1,
    high: until === undefined ? Number.MAX_SAFE_INTEGER : until.isWhole ? until.ms : until.ms + 1,
  }
}

function readLimit(text: string | undefined): number {
  if (text === undefined) return usualLimit
  const limit = /^\d{1,4}$/.test(text) ? Number(text) : 0
  if (limit < 1 || limit > 1000) throw new AppError('invalid_request', 'limit: must be a whole number from 1 to 1000')
  return limit
}

/** Both forms: `meta={"k":"v"}` of the specification, and `meta[k]=v` of its JavaScript client. */
function readMeta(query: Query): PinFilter['meta'] {
  const pairs = query.meta === undefined ? [] : readMetaJson(query.meta)
  for (const [name, value] of Object.entries(query)) {
    const key = /^meta\[(.*)\]$/s.exec(name)?.[1]
    if (key === undefined) continue
    if (typeof value !== 'string') throw new AppError('invalid_request', `${name}: is there more than once`)
    pairs.push([key, value])
  }
  if (pairs.length > maxPairs) throw new AppError('invalid_request', `meta: at most ${maxPairs} pairs can be asked for`)
  return pairs.length === 0 ? undefined : pairs
}

function readMetaJson(text: string): [string, string][] {
  const refusal = (cause?: unknown) =>
    new AppError('invalid_request', 'meta: must be a JSON object whose values are strings', { cause })
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch (cause) {
    throw refusal(cause)
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw refusal()
  return Object.entries(json).map(([key, value]) => {
    if (typeof value !== 'string' || !isStorable(key) || !isStorable(value)) throw refusal()
    return [key, value]
  })
}

function isStorable(text: string): boolean {
  return text.isWellFormed() && !text.includes('\0')
}
