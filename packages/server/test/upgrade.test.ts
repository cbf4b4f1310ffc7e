import { randomBytes } from 'node:crypto'
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { openDatabase, type DatabaseConfig } from '../src/db/database.ts'
import { migrations } from '../src/db/migrations/index.ts'
import { formatCid } from '../src/ipfs/cid.ts'
import { codecs } from '../src/ipfs/codecs.ts'
import { sha256Multihash } from '../src/ipfs/multihash.ts'
import { makePublicPart, makeSecret } from '../src/keys/formats.ts'
import { databases, startTestApp } from './support/app.ts'
import { account, files, hidden, rowsOfFirstSchema } from './support/first-schema.ts'
import { makeOldDatabase, type Row, type Rows } from './support/old-database.ts'
import { createDatabase } from './support/postgres.ts'
import { upload } from './support/content.ts'

const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

describe.each(databases)('a database of the first schema on %s', (kind) => {
  it('opens, and everything in it is there', { timeout: 60_000 }, async () => {
    const dataDir = await mkdtemp(join(tmpdir(), 'pinyon-test-'))
    const config: DatabaseConfig =
      kind === 'sqlite'
        ? { kind, file: join(dataDir, 'pinyon.db') }
        : { kind, url: await createDatabase(inject('postgresUrl')) }
    const publicPart = makePublicPart()
    const secret = makeSecret()
    await makeOldDatabase(config, 1, await rowsOfFirstSchema(dataDir, { publicPart, secret }))
    const env = config.kind === 'postgres' ? { PINYON_DATABASE_URL: config.url } : {}
    const app = await startTestApp({ dataDir, env })
    closers.push(() => app.close())
    const headers = { pinata_api_key: publicPart, pinata_secret_api_key: secret }
    for (const { id, bytes } of files) {
      const answer = await fetch(`${app.apiUrl}/pinyon/v1/files/${id}/content`, { headers })
      expect(Buffer.from(await answer.arrayBuffer()).equals(bytes)).toBe(true)
    }
    const list = await app.ask('GET', '/v3/files/private?name=photo', { headers })
    expect(list.body.data.files).toMatchObject([
      { id: files[0].id, name: 'Old Photo.JPG', keyvalues: { year: '2019' } },
    ])
    const who = (await app.ask('GET', '/pinyon/v1/whoami', { headers })).body
    expect(who).toMatchObject({ quota: { files: 3, usedBytes: 19_000 }, key: { name: 'old key' } })
    expect((await app.ask('GET', '/pinyon/v1/audit', { headers })).body.entries).toMatchObject([
      { action: 'old.action' },
    ])
    const { account: counted } = (await app.ask('GET', '/pinyon/v1/usage', { headers })).body
    expect(counted.counted).toMatchObject({ uniqueBytes: 12_000, sharedBytes: 7_000, isExact: true })
    const receipt = (await app.ask('GET', `/pinyon/v1/files/${files[2].id}/receipt`, { headers })).body.receipt
    expect(receipt).toMatchObject({ durableAt: new Date(3_000).toISOString(), numberOfBlocks: 1 })
    // It is written to as well, and a block that is there is not stored again.
    const key = (
      await app.ask('POST', '/v3/pinata/keys', { headers, json: { keyName: 'new', permissions: { admin: true } } })
    ).body
    const again = await upload(app, key, [['again', hidden]], { network: 'private' })
    expect(again).toMatchObject({ id: files[0].id, is_duplicate: true })
    // New rows have ids of their own, beside those that were there.
    expect(await upload(app, key, [['new', randomBytes(100)]], { network: 'private' })).toMatchObject({ size: 100 })
    expect((await app.ask('DELETE', `/v3/files/private/${files[0].id}`, { key })).status).toBe(200)
    const left = (await app.ask('GET', '/v3/files/private', { key })).body.data.files
    expect(left.map(({ name }: { name: string }) => name)).toEqual(['new'])
  })

  it(
    'opens from every version in between, with what was written while it was the latest',
    { timeout: 240_000 },
    async () => {
      const dir = await mkdtemp(join(tmpdir(), 'pinyon-test-'))
      const first = await rowsOfFirstSchema(dir, { publicPart: makePublicPart(), secret: makeSecret() })
      const rows = (version: number) => (version === 1 ? first : rowsSince(version))
      const shape = await shapeOf(await openNew())
      // A new database takes long on PostgreSQL.
      for (const { version } of migrations.filter((_, i) => kind === 'sqlite' || i % 5 === 0)) {
        const config: DatabaseConfig =
          kind === 'sqlite'
            ? { kind, file: join(dir, `${version}.db`) }
            : { kind, url: await createDatabase(inject('postgresUrl')) }
        await makeOldDatabase(config, version, rows)
        const db = await openDatabase(config, { clock: { now: () => 1 } })
        try {
          expect([version, await shapeOf(db)]).toEqual([version, shape])
          for (const { version: written } of migrations.filter((one) => one.version <= version)) {
            for (const [table, expected] of Object.entries(rows(written))) {
              const { rows: found } = await ask(db, `select * from "${table}"`)
              for (const row of expected) expect([version, written, table, found]).toEqual([version, written, table, expect.arrayContaining([expect.objectContaining(stored(row))])]) // prettier-ignore
            }
          }
        } finally {
          await db.close()
        }
      }

      async function openNew() {
        const url = kind === 'postgres' ? await createDatabase(inject('postgresUrl')) : ''
        const config = kind === 'sqlite' ? ({ kind, file: join(dir, 'new.db') } as const) : ({ kind, url } as const)
        return openDatabase(config, { clock: { now: () => 1 } })
      }
    },
  )

  it('brings its schema to the one that a new database has', async () => {
    const make = async () => {
      const dir = await mkdtemp(join(tmpdir(), 'pinyon-test-'))
      return kind === 'sqlite'
        ? ({ kind, file: join(dir, 'pinyon.db') } as const)
        : ({ kind, url: await createDatabase(inject('postgresUrl')) } as const)
    }
    const [old, fresh] = [await make(), await make()]
    await makeOldDatabase(old, 1, {})
    const versions = []
    for (const config of [old, fresh]) {
      const db = await openDatabase(config, { clock: { now: () => 1 } })
      const { rows } = await db.read.executeQuery<{ version: number }>({
        ...db.read.selectFrom('accounts').select('id').compile(),
        sql: 'select version from schema_version order by version',
        parameters: [],
      })
      versions.push(rows.map(({ version }) => version))
      await db.close()
    }
    expect(versions[0]).toEqual(migrations.map(({ version }) => version))
    expect(versions[1]).toEqual(versions[0])
  })
})

type Opened = Awaited<ReturnType<typeof openDatabase>>

function ask({ read }: Opened, text: string): Promise<{ rows: Row[] }> {
  return read.executeQuery<Row>({ ...read.selectFrom('accounts').select('id').compile(), sql: text, parameters: [] })
}

/** Every column of every table. */
async function shapeOf(db: Opened): Promise<string[]> {
  const text =
    db.dialect === 'sqlite'
      ? `select m.name || '.' || c.name as name from sqlite_schema m join pragma_table_info(m.name) c where m.type = 'table'`
      : `select table_name || '.' || column_name as name from information_schema.columns where table_schema = 'public'`
  return (await ask(db, text)).rows.map(({ name }) => String(name)).toSorted()
}

/** A row as it is read: bytes as the database gives them. */
function stored(row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => !(value instanceof Uint8Array)))
}

/** What is written while a version is the latest: a file, a key and a line of audit, and rows of tables that are new. */
function rowsSince(version: number): Rows {
  const idOf = (kind: string) => `01890000-0000-7000-8000-${kind}${String(version).padStart(8, '0')}`
  const multihash = sha256Multihash([Buffer.from(`version ${version}`)])
  const common: Rows = {
    keys: [
      {
        id: idOf('000b'),
        account_id: account,
        public_part: `of version ${version}`,
        secret_hash: 'none',
        name: `key ${version}`,
        name_folded: `key ${version}`,
        permissions: '{"admin":false,"endpoints":{}}',
        max_uses: null,
        uses: 0,
        created_at: version,
        updated_at: version,
      },
    ],
    files: [
      {
        id: idOf('000f'),
        account_id: account,
        network: 0,
        state: 'released',
        source: 'upload',
        pin_id: null,
        cid: formatCid({ version: 1, codec: codecs.raw, multihash }),
        multihash,
        codec: codecs.raw,
        name: `version ${version}`,
        name_folded: `version ${version}`,
        size_bytes: 0,
        number_of_files: 1,
        mime_type: '',
        created_by_key: idOf('000b'),
        created_at: version,
        updated_at: version,
        released_at: version,
      },
    ],
    audit: [
      { id: idOf('000a'), at: version, account_id: account, actor_kind: 'machine', action: 'old.action', result: 'ok' },
    ],
  }
  const since: Record<number, Rows> = {
    3: { pin_counts: [{ account_id: account, pin_status: 0, level: 0, bucket: 5, pins: 1 }] },
    7: {
      groups: [
        {
          id: idOf('00a0'),
          account_id: account,
          network: 0,
          name: 'G',
          name_folded: 'g',
          is_public: 0,
          created_at: 7,
          updated_at: 7,
        },
      ],
    },
    11: {
      links: [
        {
          id: idOf('00b0'),
          account_id: account,
          kind: 'download',
          network: 0,
          method: 'GET',
          uses: 2,
          max_uses: 5,
          starts_at: 1,
          expires_at: 2,
          forget_at: 3,
          created_at: 1,
        },
      ],
    },
    16: { gateways: [{ id: idOf('00c0'), account_id: account, domain: 'old.example', created_at: 16 }] },
    18: {
      damage: [{ block_id: 99, cid: 'bafy', reason: 'damaged', found_by: 'scrub', found_at: 18, attempts: 1 }],
    },
  }
  return { ...common, ...since[version] }
}
