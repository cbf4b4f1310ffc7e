import { randomBytes } from 'node:crypto'
import { chmod, mkdir, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, describe, expect, inject, it } from 'vitest'
import { verify } from '../src/admin.ts'
import { backup } from '../src/backup.ts'
import { takeKernelLock } from '../src/lib/kernel-lock.ts'
import { AdminRefused, type AdminPlace } from '../src/open-admin.ts'
import { restore } from '../src/restore.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { createDatabase } from './support/postgres.ts'

const passphrase = 'a passphrase that nobody guesses'
const closers: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).toReversed()) await close()
})

describe.each(databases)('backup of %s', (database) => {
  const start = async () => {
    const app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    closers.push(() => app.close())
    return app
  }
  const folder = async () => {
    const dir = await mkdtemp(join(tmpdir(), 'pinyon-backup-'))
    closers.push(() => rm(dir, { recursive: true, force: true }))
    return dir
  }
  const placeOf = ({ services, dataDir }: TestApp): AdminPlace => ({
    dataDir,
    env: environment(services.config.database),
  })
  const elsewhere = async (): Promise<AdminPlace> => ({
    dataDir: join(await folder(), 'data'),
    env: database === 'postgres' ? { PINYON_DATABASE_URL: await createDatabase(inject('postgresUrl')) } : {},
  })
  const open = async ({ dataDir, env }: AdminPlace) => {
    const app = await startTestApp({ dataDir, env: env as Record<string, string> }) // as made above
    closers.push(() => app.close())
    return app
  }
  const read = async (app: TestApp, key: KeyValues, id: string) => {
    const answer = await fetch(`${app.apiUrl}/pinyon/v1/files/${id}/content`, { headers: pairOf(key) })
    return { status: answer.status, bytes: Buffer.from(await answer.arrayBuffer()) }
  }

  it('holds everything that was acknowledged before, made while it serves', { timeout: 120_000 }, async () => {
    const app = await start()
    const key = await app.setUp()
    const revoked = await app.makeKey(key, { admin: true })
    await app.ask('PUT', '/v3/pinata/keys/' + revoked.pinata_api_key, { key })
    await app.ask('PUT', '/users/revokeApiKey', { key, json: { apiKey: revoked.pinata_api_key } })
    expect((await app.ask('GET', '/pinyon/v1/whoami', { key: revoked })).status).not.toBe(200)
    const before: { id: string; bytes: Buffer }[] = []
    for (let i = 0; i < 12; i++) {
      const bytes = randomBytes(randomBytes(1)[0]! * 3_000)
      const network = i % 2 === 0 ? 'private' : 'public'
      before.push({
        bytes,
        ...(await upload(app, key, [[`${i} \u2028 é`, bytes]], { network, keyvalues: '{"n":"1"}' })),
      })
    }
    const gone = before.pop()!
    await app.ask('DELETE', `/v3/files/public/${gone.id}`, { key })
    let isOver = false
    const load = (async () => {
      for (let i = 0; !isOver; i++) {
        const { id } = await upload(app, key, [[`load ${i}`, randomBytes(50_000)]], { network: 'private' })
        if (i % 3 === 0) await app.ask('DELETE', `/v3/files/private/${id}`, { key })
      }
    })()
    const dir = join(await folder(), 'copy')
    const report = await backup(placeOf(app), dir, {
      passphrase,
      onProgress: () => {
        const lock = takeKernelLock(join(app.dataDir, 'reclaim.lock'))
        lock?.release()
        // Nobody may take away meanwhile what is copied.
        expect(lock).toBe(undefined)
      },
    })
    isOver = true
    await load
    expect(report).toMatchObject({ keys: 'sealed', damagedPacks: [] })
    await requireNoSecrets(dir, app, key)
    // What comes later is not in it.
    const later = await upload(app, key, [['later', randomBytes(1_000)]], { network: 'private' })

    const place = await elsewhere()
    const restored = await restore(place, dir, { passphrase })
    expect(restored).toMatchObject({ keys: 'restored', startedAt: report.startedAt })
    const again = await open(place)
    for (const { id, bytes } of before) {
      const found = await read(again, key, id)
      expect({ status: found.status, isSame: found.bytes.equals(bytes) }).toEqual({ status: 200, isSame: true })
    }
    expect((await read(again, key, gone.id)).status).toBe(404)
    expect((await read(again, key, later.id)).status).toBe(404)
    expect((await again.ask('GET', '/pinyon/v1/whoami', { key })).status).toBe(200)
    expect((await again.ask('GET', '/pinyon/v1/whoami', { key: revoked })).status).toBe(401)
    const listed = (await again.ask('GET', '/v3/files/private?limit=1000', { key })).body.data.files
    const shown = (await again.ask('GET', '/v3/files/public?limit=1000', { key })).body.data.files
    const { account } = (await again.ask('GET', '/pinyon/v1/usage', { key })).body
    expect(account.files).toBe(listed.length + shown.length)
    expect(account.logicalBytes).toBe([...listed, ...shown].reduce((sum, { size }) => sum + size, 0))
    expect(await verify(place, { all: true })).toMatchObject({ numberOfDamaged: 0 })
    // It goes on from there: new rows get numbers that no row has.
    const fresh = randomBytes(400_000)
    const { id } = await upload(again, key, [['fresh', fresh]], { network: 'public' })
    expect((await read(again, key, id)).bytes.equals(fresh)).toBe(true)
  })

  it(
    'copies what is new into the same folder, and the earlier one counts until it is whole',
    { timeout: 60_000 },
    async () => {
      const app = await start()
      const key = await app.setUp()
      const first = await upload(app, key, [['first', randomBytes(3_000_000)]], { network: 'private' })
      const dir = join(await folder(), 'copy')
      const one = await backup(placeOf(app), dir, {})
      expect(one).toMatchObject({ keys: 'left out', copiedBytes: one.bytes })
      const bytes = randomBytes(1_000_000)
      const second = await upload(app, key, [['second', bytes]], { network: 'private' })
      const stopped = backup(placeOf(app), dir, { signal: AbortSignal.abort() })
      await expect(stopped).rejects.toThrow()
      const two = await backup(placeOf(app), dir, {})
      expect(two.copiedBytes).toBeLessThan(1_100_000)
      expect(two.bytes).toBeGreaterThan(4_000_000)
      expect((await readdir(dir)).filter((name) => name.startsWith('database-'))).toHaveLength(1)
      const place = await elsewhere()
      expect(await restore(place, dir, {})).toMatchObject({ keys: 'left out' })
      const again = await open(place)
      expect((await read(again, key, second.id)).bytes.equals(bytes)).toBe(true)
      expect((await read(again, key, first.id)).status).toBe(200)
      // Without the keys no JWT made before is good; key and secret are.
      expect((await again.ask('GET', '/pinyon/v1/whoami', { key })).status).toBe(401)
      expect((await again.ask('GET', '/pinyon/v1/whoami', { headers: pairOf(key) })).status).toBe(200)
    },
  )

  it(
    'copies anew what its folder lost, and keeps what it has of packs that are lost',
    { timeout: 60_000 },
    async () => {
      const app = await start()
      const key = await app.setUp()
      const bytes = randomBytes(2_000_000)
      const { id } = await upload(app, key, [['first', bytes]], { network: 'private' })
      const dir = join(await folder(), 'copy')
      const one = await backup(placeOf(app), dir, {})
      const [name = ''] = await readdir(join(dir, 'packs'))
      const [copy, own] = [join(dir, 'packs', name), join(app.dataDir, 'packs', name)]
      await truncate(copy, 500_000)
      expect(await backup(placeOf(app), dir, {})).toMatchObject({ damagedPacks: [], copiedBytes: one.bytes - 500_000 })
      expect((await readFile(copy)).includes(bytes.subarray(1_000_000, 1_000_100))).toBe(true)
      await rm(copy)
      expect(await backup(placeOf(app), dir, {})).toMatchObject({ damagedPacks: [], copiedBytes: one.bytes })
      const whole = await readFile(copy)
      // Lost where it is copied from, then there in part: the copy is the only one.
      await rm(own)
      await backup(placeOf(app), dir, {})
      await writeFile(own, whole.subarray(0, 1_000))
      await backup(placeOf(app), dir, {})
      expect((await readFile(copy)).equals(whole)).toBe(true)
      const place = await elsewhere()
      await restore(place, dir, {})
      const again = await open(place)
      expect((await read(again, key, id)).bytes.equals(bytes)).toBe(true)
    },
  )

  it('is not restored over anything, without its passphrase, or in part', { timeout: 60_000 }, async () => {
    const app = await start()
    const key = await app.setUp()
    await upload(app, key, [['x', randomBytes(10_000)]], { network: 'private' })
    const dir = join(await folder(), 'copy')
    await backup(placeOf(app), dir, { passphrase })
    const refused = async (place: AdminPlace, how: Parameters<typeof restore>[2]) => {
      const error = await restore(place, dir, how).catch((caught: unknown) => caught)
      expect(error).toBeInstanceOf(AdminRefused)
      return error instanceof AdminRefused ? error.reason : undefined
    }
    expect(['NOT_EMPTY', 'SERVER_RUNNING']).toContain(await refused(placeOf(app), { passphrase }))
    expect(await refused(await elsewhere(), {})).toBe('PASSPHRASE')
    expect(await refused(await elsewhere(), { passphrase: 'another passphrase' })).toBe('PASSPHRASE')
    expect(await refused({ dataDir: join(await folder(), 'd'), env: otherKind(database) }, { passphrase })).toBe(
      'SETTINGS',
    )
    if (database === 'postgres')
      expect(await refused({ dataDir: join(await folder(), 'd'), env: placeOf(app).env }, { passphrase })).toBe(
        'NOT_EMPTY',
      )
    await app.app.close()
    expect(await refused(placeOf(app), { passphrase })).toBe('NOT_EMPTY')
    const place = await elsewhere()
    const [pack] = (await readdir(join(dir, 'packs'))).map((name) => join(dir, 'packs', name))
    await truncate(pack!, 100)
    expect(await refused(place, { withoutKeys: true })).toBe('NO_BACKUP')
    // What was stopped is begun again, by the same backup alone.
    expect(await refused(place, { withoutKeys: true })).toBe('NO_BACKUP')
    const copied = await readFile(join(dir, 'backup.json'), 'utf8')
    await writeFile(join(dir, 'backup.json'), copied.replace(/"startedAt": "\d{4}/, '"startedAt": "2001'))
    await expect(restore(place, dir, { passphrase })).rejects.toThrow(
      /restore of another backup, .* into .* was not finished\. Empty it/,
    )
    await writeFile(join(dir, 'backup.json'), copied)
    // Nothing of somebody else's is mixed with it, and nothing is left there.
    for (const [name, words] of [
      ['notes.txt', 'holds something else (notes.txt)'],
      ['keys/old.json', 'holds something else (keys/old.json)'],
      ['setup-token', 'holds something else (setup-token)'],
    ] as const) {
      const target = await elsewhere()
      await mkdir(join(target.dataDir, name, '..'), { recursive: true })
      await writeFile(join(target.dataDir, name), 'theirs')
      expect(await refused(target, { passphrase })).toBe('NOT_EMPTY')
      await expect(restore(target, dir, { passphrase })).rejects.toThrow(words)
      expect(await readdir(target.dataDir)).toEqual([name.split('/')[0]])
    }
    // A disk of its own has a folder that is nobody's.
    const mounted = await elsewhere()
    await mkdir(join(mounted.dataDir, 'lost+found'), { recursive: true })
    expect(await refused(mounted, { withoutKeys: true })).toBe('NO_BACKUP')
    const manifest = await readFile(join(dir, 'backup.json'), 'utf8')
    const refusedFor = async (text: string, words: RegExp) => {
      await writeFile(join(dir, 'backup.json'), text)
      expect(await refused(place, { passphrase })).toBe('NO_BACKUP')
      await expect(restore(place, dir, { passphrase })).rejects.toThrow(words)
      await expect(backup(placeOf(app), dir, {})).rejects.toThrow(words)
    }
    const other = manifest.replace('"format": 1', '"format": 2').replace(/"program": "[^"]*"/, '"program": "9.8.7"')
    await refusedFor(other, /holds a backup of format 2, made by Pinyon 9\.8\.7\. This is Pinyon .* reads format 1\./)
    await refusedFor('{"format":0}', /format 0\. This is/)
    await refusedFor(manifest.replace('"sequence"', '"sequences"'), /backup\.json is damaged \(sequence\)/)
    await refusedFor(manifest.slice(0, 100), /backup\.json is damaged:/)
    await rm(join(dir, 'backup.json'))
    expect(await refused(place, { passphrase })).toBe('NO_BACKUP')
    // A folder of somebody's is left as it is.
    const theirs = await folder()
    await chmod(theirs, 0o755)
    await writeFile(join(theirs, 'notes.txt'), 'theirs')
    await expect(backup(placeOf(app), theirs, {})).rejects.toMatchObject({ reason: 'NOT_EMPTY' })
    expect([await readdir(theirs), (await stat(theirs)).mode & 0o777]).toEqual([['notes.txt'], 0o755])
    const full = await folder()
    await backup(placeOf(app), join(full, 'b'), {})
    await expect(backup(placeOf(app), full, {})).rejects.toMatchObject({ reason: 'NOT_EMPTY' })
  })
})

function environment(config: TestApp['services']['config']['database']): Record<string, string> {
  return config.kind === 'postgres' ? { PINYON_DATABASE_URL: config.url.reveal() } : {}
}

function otherKind(database: string): Record<string, string> {
  return database === 'postgres' ? {} : { PINYON_DATABASE_URL: 'postgres://nobody@127.0.0.1:1/nothing' }
}

function pairOf(key: KeyValues): Record<string, string> {
  return { pinata_api_key: key.pinata_api_key, pinata_secret_api_key: key.pinata_api_secret }
}

/** Nothing in the backup opens anything by itself. */
async function requireNoSecrets(dir: string, app: TestApp, key: KeyValues): Promise<void> {
  const signing = (await readdir(join(app.dataDir, 'keys'))).filter((name) => name.endsWith('.json'))
  const keys = await Promise.all(signing.map((name) => readFile(join(app.dataDir, 'keys', name), 'utf8')))
  const secrets = [
    key.JWT,
    key.pinata_api_secret,
    ...keys.flatMap((text) => (JSON.parse(text) as { d?: string }).d ?? []),
  ] // a JWK
  // A JSON of base64, as what is sealed was before.
  const files = keys.map((text) => Buffer.from(text).toString('base64').slice(0, 200))
  for (const entry of await readdir(dir, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile() || entry.name.endsWith('.car')) continue
    const bytes = await readFile(join(entry.parentPath, entry.name))
    for (const file of files) expect(bytes.includes(file), `${entry.name} holds a key`).toBe(false)
    for (const secret of secrets) {
      expect(bytes.includes(secret), `${entry.name} holds a secret`).toBe(false)
      expect(bytes.includes(Buffer.from(secret).toString('base64').slice(0, -4))).toBe(false)
    }
  }
}
