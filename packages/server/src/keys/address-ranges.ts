import { BlockList, isIP } from 'node:net'
import { LRUCache } from 'lru-cache'

/** Lists are made for each key's bounds once; a range of ten thousand keys stays below some megabytes. */
const lists = new LRUCache<string, BlockList>({ max: 1_000 })

/** Whether an address lies in one of these ranges. IPv4 written as IPv6 (`::ffff:192.0.2.1`) is IPv4. */
export function isInRanges(ranges: readonly string[], address: string): boolean {
  const plain = plainAddress(address)
  const family = isIP(plain)
  return family !== 0 && listOf(ranges).check(plain, family === 4 ? 'ipv4' : 'ipv6')
}

/** An address or a range, read; undefined when it is none. */
export function readRange(text: string): { address: string; prefix: number; family: 'ipv4' | 'ipv6' } | undefined {
  const [address = '', prefix, ...more] = text.split('/')
  const family = isIP(address)
  if (family === 0 || more.length > 0 || (prefix !== undefined && !/^\d{1,3}$/.test(prefix))) return undefined
  const longest = family === 4 ? 32 : 128
  const bits = prefix === undefined ? longest : Number(prefix)
  return bits > longest ? undefined : { address, prefix: bits, family: family === 4 ? 'ipv4' : 'ipv6' }
}

/** Whether all of `inner` lies in one of `outer`. */
export function isRangeWithin(inner: string, outer: readonly string[]): boolean {
  const range = readRange(inner)
  if (range === undefined) return false
  return outer.some((text) => {
    const around = readRange(text)
    if (around === undefined || around.family !== range.family || around.prefix > range.prefix) return false
    return listOf([text]).check(range.address, range.family)
  })
}

function plainAddress(address: string): string {
  const bare = address.split('%', 1)[0] ?? ''
  return /^::ffff:\d+\.\d+\.\d+\.\d+$/i.test(bare) ? bare.slice(7) : bare
}

function listOf(ranges: readonly string[]): BlockList {
  const key = ranges.join(' ')
  const known = lists.get(key)
  if (known !== undefined) return known
  const list = new BlockList()
  for (const text of ranges) {
    const range = readRange(text)
    if (range !== undefined) list.addSubnet(range.address, range.prefix, range.family)
  }
  lists.set(key, list)
  return list
}
