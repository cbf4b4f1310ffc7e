import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { openDiskPacks } from '../../src/blobs/disk.ts'
import { cidBytes, formatCid } from '../../src/ipfs/cid.ts'
import { codecs } from '../../src/ipfs/codecs.ts'
import { sha256Multihash } from '../../src/ipfs/multihash.ts'
import { hashSecretText } from '../../src/lib/secret-text.ts'
import type { Row } from './old-database.ts'

/** The account of an installation of the first schema. */
export const account = '01890000-0000-7000-8000-00000000000a'
const user = '01890000-0000-7000-8000-00000000000b'
const keyId = '01890000-0000-7000-8000-00000000000c'
/** The content of its private file. */
export const hidden = randomBytes(5_000)
const shown = randomBytes(7_000)
/** Its files. */
export const files = [
  { id: '01890000-0000-7000-8000-000000000001', bytes: hidden, network: 0, name: 'Old Photo.JPG', source: 'upload' },
  { id: '01890000-0000-7000-8000-000000000002', bytes: shown, network: 1, name: 'site', source: 'upload' },
  { id: '01890000-0000-7000-8000-000000000003', bytes: shown, network: 1, name: 'by cid', source: 'cid' },
] as const

/** Rows of the first schema, for `makeOldDatabase`, with packs in `dataDir` that hold what they name. */
export async function rowsOfFirstSchema(
  dataDir: string,
  { publicPart, secret }: { publicPart: string; secret: string },
): Promise<Record<string, readonly Row[]>> {
  const packs = await openDiskPacks({ dir: join(dataDir, 'packs'), writerId: 'old', minFreeBytes: 0 })
  const contents = [hidden, shown].map((bytes) => ({ bytes, multihash: sha256Multihash([bytes]) }))
  const places = await packs.append(
    contents.map(({ bytes, multihash }) => ({
      cid: cidBytes({ version: 1, codec: codecs.raw, multihash }),
      bytes: [bytes],
    })),
  )
  await packs.sync(new Set(places.map(({ pack }) => pack)))
  await packs.close()
  const pinOf = (network: number) => `01890000-0000-7000-8000-0000000001${network}0`
  return {
    installation: [
      {
        one: 1,
        id: '01890000-0000-7000-8000-0000000000ff',
        created_at: 1,
        set_up_at: 2,
        setup_token_hash: null,
        network: 'local',
        sequence: 7,
      },
    ],
    accounts: [
      {
        id: account,
        name: 'Old',
        email: 'old@example.test',
        created_at: 1,
        disabled_at: null,
        quota_bytes: null,
        public_content: 'allowed',
      },
    ],
    account_totals: [
      { account_id: account, network: 0, files: 1, bytes: 5_000 },
      { account_id: account, network: 1, files: 2, bytes: 14_000 },
    ],
    users: [
      {
        id: user,
        email: 'old@example.test',
        email_folded: 'old@example.test',
        password_hash: null,
        operator: 1,
        created_at: 1,
        disabled_at: null,
      },
    ],
    members: [{ account_id: account, user_id: user, role: 'owner', created_at: 1 }],
    keys: [
      {
        id: keyId,
        account_id: account,
        public_part: publicPart,
        secret_hash: hashSecretText(secret),
        name: 'old key',
        name_folded: 'old key',
        permissions: '{"admin":true,"endpoints":{}}',
        max_uses: null,
        uses: 3,
        created_at: 1,
        updated_at: 1,
      },
    ],
    audit: [
      {
        id: '01890000-0000-7000-8000-0000000000aa',
        at: 1,
        account_id: account,
        actor_kind: 'machine',
        action: 'old.action',
        result: 'ok',
      },
    ],
    packs: [{ id: 1, name: places[0]!.pack, writer_id: 'old', created_at: 1, emptied_at: null }],
    blocks: places.map(({ offset, length }, i) => ({
      id: i + 1,
      multihash: contents[i]!.multihash,
      pack_id: 1,
      offset,
      length,
    })),
    pins: contents.map(({ bytes, multihash }, network) => ({
      id: pinOf(network),
      multihash,
      codec: codecs.raw,
      network,
      state: 'pinned',
      size_bytes: bytes.length,
      number_of_blocks: 1,
      number_of_files: 1,
      mime_type: 'application/octet-stream',
      holders: network === 0 ? 1 : 2,
      created_at: 1,
      writer_id: null,
    })),
    pin_blocks: contents.map((_, network) => ({ block_id: network + 1, network, pin_id: pinOf(network) })),
    files: files.map(({ id, bytes, network, name, source }, i) => ({
      id,
      account_id: account,
      network,
      state: 'held',
      source,
      pin_id: pinOf(network),
      cid: formatCid({ version: 1, codec: codecs.raw, multihash: contents[network]!.multihash }),
      multihash: contents[network]!.multihash,
      codec: codecs.raw,
      name,
      name_folded: name.toLowerCase(),
      size_bytes: bytes.length,
      number_of_files: 1,
      mime_type: 'application/octet-stream',
      created_by_key: keyId,
      created_at: 1_000 + i,
      updated_at: 3_000,
    })),
    file_keyvalues: [
      {
        file_id: files[0].id,
        account_id: account,
        network: 0,
        key: 'year',
        kind: 'string',
        value: '2019',
        number: 2019,
      },
    ],
  }
}
