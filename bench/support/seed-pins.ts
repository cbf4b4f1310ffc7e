import { bucketBits } from '../../packages/server/src/files/pin-counts.ts'
import { accountId, cidOf, idOf, multihashOf, nameOf, neighbourId, type Seed } from './seed-files.ts'

/** When the first pin was made; one more follows each 137 ms. */
const firstPinMs = Date.UTC(2025, 0, 1)
const everyMs = 137

/** When the `i`th pin was made. */
export function createdAtOf(i: number): number {
  return firstPinMs + i * everyMs
}

/** One in 20 is queued, one in 40 pinning, one in 40 failed, the others are pinned. */
function statusOf(i: number): { state: string; status: number } {
  const n = i % 40
  if (n === 1 || n === 2) return { state: 'waiting', status: 0 }
  if (n === 3) return { state: 'waiting', status: 1 }
  return n === 4 ? { state: 'failed', status: 3 } : { state: 'held', status: 2 }
}

/** Pins by CID of one account, with those of another among them. One in three has `meta`. */
export const pins: Seed = {
  columns:
    'id account_id network state source cid multihash codec name name_folded size_bytes number_of_files mime_type created_at updated_at pin_status'.split(
      ' ',
    ),
  types: 'text text smallint text text text bytea bigint text text bigint bigint text bigint bigint smallint'.split(
    ' ',
  ),
  fileRow(i, count) {
    const account = i % 1_000 === 500 ? neighbourId : accountId
    const { state, status } = statusOf(i)
    const name = nameOf(i, count)
    const at = createdAtOf(i)
    const size = status === 2 ? 200 + ((i * 7919) % 1_000_000) : 0
    const rest = [size, 1, 'application/json', at, at, status]
    return [idOf(i), account, 1, state, 'cid', cidOf(i), multihashOf(i), 0x55, name, name.toLowerCase(), ...rest]
  },
  keyvalueRows(i) {
    const account = i % 1_000 === 500 ? neighbourId : accountId
    const app = i % 10_000 === 3 ? 'rare' : 'common'
    return i % 3 === 0 ? [[idOf(i), account, 1, 'app', 'string', app, null]] : []
  },
  counts: [
    `insert into account_totals (account_id, network, files, bytes)
      select account_id, network, count(*), sum(size_bytes) from files where state = 'held' group by account_id, network`,
    ...bucketBits.map(
      (bits, level) => `insert into pin_counts (account_id, pin_status, level, bucket, pins)
        select account_id, pin_status, ${level}, created_at / ${2 ** bits}, count(*) from files
        group by account_id, pin_status, created_at / ${2 ** bits}`,
    ),
  ],
}
