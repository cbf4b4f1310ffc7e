import { randomUUID } from 'node:crypto'
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { reasonOf } from '@pinyon/contract/errors.ts'
import type { Route } from '@pinyon/contract/route.ts'
import { routeList } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { formatCid } from '../src/ipfs/cid.ts'
import { MemoryBlocks } from '../src/ipfs/memory-blocks.ts'
import { collectBytes, putRaw } from '../src/ipfs/sample-dags.ts'
import { writeCar } from '../src/ipfs/write-car.ts'
import { databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { upload } from './support/content.ts'
import { listStagings } from '../src/pins/queries.ts'
import { endlessRows, fieldsOf, paramsOf, pathsOf, sampleBody } from './support/fill-route.ts'
import { rawAsk } from './support/raw-http.ts'
import { ownerPassword, signInAs } from './support/sign-in.ts'
import { formBytes, formType } from './support/upload.ts'

/** JSON as it is to be sent: too deep to be made by a serialiser. */
class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** What nobody means, as text. */
const texts: readonly string[] = [
  '', ' ', '-1', '0', '1.5', '10abc', '0x10', '1e3', '1e400', 'NaN', 'Infinity', '-0', '9'.repeat(400), '9007199254740993',
  'null', 'undefined', 'true', '[object Object]', '__proto__', 'constructor', 'toString', 'hasOwnProperty', '\0', 'a\0b',
  '\ud800', 'a\udfffb', '\u202egpj.exe', '\ufeff', '\r\nx-evil: 1', "'; drop table files; --", '%', '%00', '${7*7}', '{{7*7}}',
  '../../etc/passwd', '0000-00-00', '9999-12-31T23:59:59Z', '2026-02-30', '{', '[[', '"', '{"a":{"value":1,"op":"eq"}}',
  'é'.repeat(300), 'x'.repeat(3_000),
] // prettier-ignore

/** The same for JSON. */
const values: readonly unknown[] = [
  null, true, false, 0, -1, 1.5, 1e308, -1e308, 2 ** 53, Number.MIN_VALUE, [], [null], ['x'], [[[]]], {}, { a: 1 }, { length: 1e9 },
  JSON.parse('{"__proto__":{"admin":true}}'), { constructor: { prototype: { admin: true } } }, { toString: null }, { toJSON: 1 },
  { '': '' }, { '\0': '\0' }, { '\ud800': '\ud800' }, nested(200), nested(100_000), Array.from({ length: 3_000 }, (_, i) => i),
  Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`k${i}`, i])), 'x'.repeat(200_000), ...texts,
] // prettier-ignore

function nested(depth: number): unknown {
  return new Raw('['.repeat(depth) + ']'.repeat(depth))
}

/** A whole body that is wrong by itself. */
const bodies: readonly string[] = [
  '', ' ', '{', '}', '[', '[]', 'null', 'true', '7', '"x"', '{"a"', '{"a":', '{"a":1,}', "{'a':1}", '{"a":1}{"b":2}', 'NaN', '-', '01',
  '"\ud800"', '[1e999]', '{"__proto__":null}', '{"__proto__":{"admin":true}}', '{"constructor":{}}', '\ufeff{}', '{}\0', '<xml/>', 'a=b',
] // prettier-ignore

/** A CAR of one block, and what is said of it where it is imported. */
const blocks = new MemoryBlocks()
const root = putRaw(blocks, 'imported')
const car = await collectBytes(writeCar(blocks, root, { scope: 'all' }))
const carFields = [
  ['cid', formatCid(root)],
  ['network', 'public'],
] as const

interface Sent {
  readonly title: string
  readonly row: Route
  readonly path: string
  readonly body?: string | Uint8Array
  readonly type?: string
  /** The field that is wrong. */
  readonly field?: string
  /** The schema itself says that this cannot be. */
  readonly isRefused?: boolean
}

describe.each(databases)('bad input on %s', (database) => {
  let app: TestApp
  let operator: KeyValues & { accountId: string }
  let browser: Record<string, string>
  let names: Record<string, string>
  const accepted = new Map<string, number>()
  const problems: string[] = []
  let sentCount = 0
  let baseline = { heap: 0, descriptors: 0 }

  beforeAll(async () => {
    app = await startTestApp({ database, env: { PINYON_RATE_LIMITS: 'off' } })
    operator = await app.setUp()
    // With a quota room is promised to each upload, so that a promise that is never taken back can be seen.
    const bounded = { key: operator, json: { quotaBytes: 10_000_000_000 } }
    await app.ask('PATCH', `/pinyon/v1/accounts/${operator.accountId}`, bounded)
    const victim = await app.makeAccount(operator, 'victim')
    await app.makeAccount(operator, 'browser')
    const file = await upload(app, operator, [['a.txt', 'content']], { network: 'private' })
    const spare = await app.makeKey(operator, {})
    const { keys } = (await app.ask('GET', '/pinyon/v1/keys', { key: operator })).body
    browser = (await signInAs(app, 'browser@example.test', ownerPassword)).headers
    before = await rows()
    baseline = await measure()
    names = {
      file: file.id,
      key: keys.find((one: { publicPart: string }) => one.publicPart === spare.pinata_api_key).id,
      account: victim.accountId,
    }
  })
  let before: Awaited<ReturnType<typeof rows>>
  afterAll(() => app.close())

  /** The path of a row with something that is there, so that what is wrong is looked at. */
  function fill(path: string): string {
    const id = path.includes('/keys/') ? names['key'] : path.includes('/accounts/') ? names['account'] : names['file']
    return path
      .replace(':network', 'private')
      .replace(':id', id ?? '')
      .replaceAll(/:\w+/g, 'x')
  }

  /** Where one file may be uploaded without a key. */
  async function uploadLink(): Promise<string> {
    const { body } = await app.ask('POST', '/v3/files/sign', { key: operator, json: { expires: 600 } })
    const { pathname, search } = new URL(body.data)
    return pathname + search
  }

  async function send({ title, row, path, body, type, field, isRefused }: Sent): Promise<void> {
    sentCount++
    const isForPeople = !row.credentials.includes('key') && row.credentials.includes('session')
    const answer = await rawAsk(
      app.apiUrl,
      row.method,
      path,
      {
        ...(isForPeople ? browser : row.credentials.length > 0 ? { authorization: `Bearer ${operator.JWT}` } : {}),
        ...(type === undefined ? {} : { 'content-type': type }),
      },
      body,
    )
    const { status, text } = answer
    const wrong = (what: string) => problems.push(`${title}: ${what}: ${status} ${text.slice(0, 300)}`)
    // 501 is the answer of routes for what we do not have.
    if (status >= 500 && status !== 501) wrong('a fault of ours')
    if (answer.headers['x-request-id'] === undefined) wrong('no request id')
    if (isRefused === true && status < 400) wrong('accepted')
    if (status < 300) {
      const isJson = /[/+]json\b/.test(answer.headers['content-type'] ?? '') && text !== ''
      const made = isJson ? JSON.parse(text) : {}
      const isDuplicate = made.isDuplicate === true || made.data?.is_duplicate === true
      // A link makes a file of its own, also of what is held already.
      if ((!isDuplicate || row.id === 'filesUploadByLink') && made.imported !== false)
        accepted.set(row.id, (accepted.get(row.id) ?? 0) + 1)
    }
    if (status < 400) return
    const { error } = JSON.parse(text)
    const hasDetails = row.dialect === 'legacy' || row.dialect === 'psa'
    const words: unknown = hasDetails ? (error.details ?? error) : error.message
    const isPlain = row.dialect === 'legacy' && typeof error === 'string'
    if (!isPlain && !/^[A-Z_]+$/.test(error.reason)) wrong('no reason')
    if (!hasDetails && error.code !== status) wrong('no code')
    if (typeof words !== 'string' || words.length < 5) return void wrong('no words')
    if (/node:|\/src\/|\.ts:\d|sqlite|postgres|zod|\bselect\b .* from/i.test(text)) wrong('shows our inside')
    // The last line of defence, before the database, knows of no fields.
    const isOfWhole = /body|JSON|address|valid Unicode without NUL/.test(words)
    const isOfField = field !== undefined && error.reason === reasonOf('invalid_request', row.dialect)
    if (isOfField && !isOfWhole && !words.includes(field)) wrong('does not name the field')
  }

  const jsonRows = routeList.filter(({ bodyKind }) => bodyKind === 'json')
  const json = (value: unknown): string => {
    const raw: string[] = []
    const text = JSON.stringify(value, (_, one) => (one instanceof Raw ? `raw ${raw.push(one.text) - 1}` : one))
    return text.replaceAll(/"raw (\d+)"/g, (_, at) => raw[Number(at)] ?? '')
  }

  it.each(jsonRows.map((row) => [row.id, row] as const))(
    '%s: every field, every kind of nonsense',
    { timeout: 120_000 },
    async (_, row) => {
      // Each of them may cost the check of a password.
      const isSlow = row.id === 'signIn' || row.id === 'passwordChange'
      const sample = sampleBody(row) ?? {}
      const path = fill(row.path)
      let inside = 0
      const put = (title: string, value: unknown, field?: string) =>
        send({
          title: `${row.id} ${title}`,
          row,
          path,
          body: json(value),
          type: 'application/json',
          ...(field === undefined ? {} : { field }),
        })
      for (const [field, good] of Object.entries(sample)) {
        const { [field]: _without, ...rest } = sample
        await put(`without ${field}`, rest, field)
        for (const value of isSlow ? values.filter((_one, i) => i % 8 === 0) : values) {
          const shown = json(value).slice(0, 60)
          await put(`${field}=${shown}`, { ...sample, [field]: value }, field)
          if (typeof good !== 'object' || good === null || inside++ % 3 > 0) continue
          for (const inner of Object.keys(good)) {
            const isList = Array.isArray(good)
            const changed = isList ? good.with(Number(inner), value) : { ...good, [inner]: value }
            await put(`${field}.${inner}=${shown}`, { ...sample, [field]: changed }, isList ? field : inner)
          }
        }
      }
      for (const extra of [
        '__proto__',
        'constructor',
        'id',
        'account_id',
        'accountId',
        'operator',
        'admin',
        'secret_hash',
        '\0',
        '\u202e',
      ]) {
        const more = JSON.parse(`{${JSON.stringify(extra)}:"x"}`)
        await put(
          `with ${JSON.stringify(extra)}`,
          JSON.parse(`${JSON.stringify(sample).slice(0, -1)},${JSON.stringify(more).slice(1)}`),
        )
      }
      const whole = JSON.stringify(sample)
      for (const body of [...bodies, whole.slice(0, -1), whole.slice(0, whole.length / 2), '['.repeat(50_000)]) {
        await send({ title: `${row.id} body ${body.slice(0, 30)}`, row, path, body, type: 'application/json' })
      }
      for (const type of [
        '',
        'text/html',
        'multipart/form-data',
        'multipart/form-data; boundary=',
        'application/json; charset=utf-16',
        'application/cbor',
        'a/b/c',
      ])
        await send({ title: `${row.id} as ${type}`, row, path, body: whole, type })
      await send({
        title: `${row.id} bytes`,
        row,
        path,
        body: Uint8Array.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x3a, 0x31, 0x7d]),
        type: 'application/json',
      })
      expect(problems.splice(0)).toEqual([])
    },
  )

  const queryRows = routeList.filter(({ id, query }) => fieldsOf(query).length > 0 && !endlessRows.has(id))
  it.each(queryRows.map((row) => [row.id, row] as const))(
    '%s: every parameter of the query',
    { timeout: 60_000 },
    async (_, row) => {
      const path = fill(row.path)
      const good = sampleBody(row)
      const isForm = row.id === 'filesUpload'
      const form = { body: new Uint8Array(formBytes([['file', row.id, 'a.txt']])), type: formType }
      const json = good === undefined ? {} : { body: JSON.stringify(good), type: 'application/json' }
      const body = isForm ? form : json
      const ask = (title: string, query: string, more: Partial<Sent> = {}) =>
        send({ title: `${row.id} ${title}`, row, path: `${path}?${query}`, ...body, ...more })
      for (const field of fieldsOf(row.query)) {
        for (const text of texts) {
          const isRefused = !row.query.safeParse({ [field]: text.toWellFormed() }).success
          // What a number, a flag or a choice is has no room for interpretation.
          const encoded = encodeURIComponent(text.toWellFormed())
          await ask(`${field}=${JSON.stringify(text).slice(0, 50)}`, `${field}=${encoded}`, { field, isRefused })
        }
        await ask(`${field} twice`, `${field}=1&${field}=2`, { field, isRefused: true })
        await ask(
          `${field} as a list`,
          `${field}[]=1&${field}[a]=2&${field}[__proto__]=3&${field}[__proto__][admin]=true`,
        )
        for (const odd of ['%', '%ff', '%c0%af', '%ed%a0%80', '%00', '+', '%u0041'])
          await ask(`${field}=${odd}`, `${field}=${odd}`, { field })
        if (/^(limit|offset|pageLimit|pageOffset|pinSizeMin|pinSizeMax)$/.test(field)) {
          for (const wrong of [
            '-1',
            '1e3',
            '0x10',
            'NaN',
            'Infinity',
            '10abc',
            '1.5',
            '9007199254740993',
            '',
            '%20',
            '1,2',
            '%D9%A3',
          ])
            await ask(`${field} must not be ${wrong}`, `${field}=${wrong}`, { field, isRefused: true })
        }
      }
      for (const query of [
        '__proto__=1',
        'constructor[prototype][x]=1',
        '&&&',
        '=',
        '?',
        '[',
        '%=%',
        'a'.repeat(6_000),
        'x=1&'.repeat(2_000),
      ])
        await ask(`?${query.slice(0, 20)}`, query)
      expect(problems.splice(0)).toEqual([])
    },
  )

  const paramRows = routeList.flatMap((row) =>
    pathsOf(row).flatMap((path) =>
      paramsOf(path).map((name) => [`${row.method} ${path} :${name}`, row, path, name] as const),
    ),
  )
  it.each(paramRows)('%s', { timeout: 60_000 }, async (_, row, path, name) => {
    const spellings = [
      '..', '.', '%2e%2e', '..%2f..%2fetc%2fpasswd', '%2fetc%2fpasswd', 'a%2fb', '%5c..%5c', '%00', 'a%00b', '%', '%zz', '%ff', '%ed%a0%80',
      '%0d%0ax-evil:1', '__proto__', 'constructor', 'toString', '*', '%20', '+', "'", '%22', ';', ':id', '-1', '0', 'null', 'undefined', 'NaN',
      'a'.repeat(199), 'a'.repeat(201), 'a'.repeat(2_001), 'a'.repeat(10_000), '%61'.repeat(3_000), '%e2%80%ae', '%f0%9f%92%a9', randomUUID(),
      '00000000-0000-0000-0000-000000000000', 'ipfs:%2f%2fbafy', '%2fipfs%2fbafy', 'bafy', 'Qm', 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG%2fa',
      'qmywapjzv5czsna625s3xf2nemtygpphdwez79ojwnpbdg', 'z'.repeat(190), `1${'1'.repeat(150)}`, 'bafkqaaa', 'BAFKQAAA', 'k'.repeat(180), 'mAVUAAA', '%F0%90',
    ] // prettier-ignore
    const parameters = (text: string) => {
      const filled = path.replace(`:${name}`, text)
      return name === 'network' ? fill(filled) : filled.replace(':network', 'private').replaceAll(/:\w+/g, 'x')
    }
    const body = sampleBody(row)
    for (const spelling of spellings) {
      await send({
        title: `${row.id} :${name}=${spelling.slice(0, 40)}`,
        row,
        path: parameters(spelling),
        ...(body === undefined ? {} : { body: JSON.stringify(body), type: 'application/json' }),
      })
    }
    expect(problems.splice(0)).toEqual([])
  })

  const formFields = ({ body }: Route) => fieldsOf(body).filter((one) => one !== 'file')
  const formRows = routeList.filter((row) => row.bodyKind === 'multipart' && formFields(row).length > 0)
  it.each(formRows.map((row) => [row.id, row] as const))(
    '%s: every field of the form',
    { timeout: 60_000 },
    async (_, row) => {
      for (const field of formFields(row)) {
        for (const text of [...texts, ...values.slice(0, 24).map(json)]) {
          const isImport = row.id === 'filesImport'
          for (const isFirst of isImport
            ? [true]
            : row.id === 'filesUpload'
              ? [text.length % 2 === 0]
              : [true, false]) {
            const part = [field, text] as const
            const file = isImport
              ? (['file', car, 'a.car'] as const)
              : (['file', `content of ${field}`, 'a.txt'] as const)
            const others = isImport ? carFields.filter(([name]) => name !== field) : []
            await send({
              title: `${row.id} ${field}=${text.slice(0, 40)} ${isFirst ? 'before' : 'after'}`,
              row,
              path: row.id === 'filesUploadByLink' ? await uploadLink() : row.path,
              body: new Uint8Array(formBytes(isFirst ? [...others, part, file] : [file, part])),
              type: formType,
              field,
            })
          }
        }
      }
      expect(problems.splice(0)).toEqual([])
    },
  )

  it('leaves nothing behind but what was accepted', async () => {
    expect(sentCount).toBeGreaterThan(4_000)
    const after = await rows()
    const took = (...ids: string[]) => ids.reduce((sum, id) => sum + (accepted.get(id) ?? 0), 0)
    const uploads = took('pinJSONToIPFS', 'pinFileToIPFS', 'filesUpload', 'filesUploadByLink', 'filesImport')
    expect(uploads).toBeGreaterThan(0)
    expect({
      ...after,
      files: after.files - before.files,
      keys: after.keys - before.keys,
      accounts: after.accounts - before.accounts,
      invites: after.invites - before.invites,
    }).toEqual({
      ...before,
      files: uploads + took('pinByHash', 'pinByCid', 'psaAdd', 'bulkPin'),
      keys: took('generateApiKey', 'keysCreate', 'keysCreateChild'),
      accounts: took('accountsCreate'),
      invites: took('accountsCreate', 'membersInvite'),
    })
    const { reservations } = app.services
    expect(reservations.promised(operator.accountId)).toBe(0)
    // What was refused grew no pack beyond what an upload writes before it is refused; nothing else lies about.
    expect((await readdir(app.dataDir)).filter((name) => !known.test(name))).toEqual([])
    const sizes = await Promise.all(
      (await readdir(join(app.dataDir, 'packs'))).map(
        async (name) => (await stat(join(app.dataDir, 'packs', name))).size,
      ),
    )
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBeLessThan(64 * 1024 * 1024)
    const end = await measure()
    expect(end.heap - baseline.heap).toBeLessThan(32 * 1024 * 1024)
    expect(end.descriptors - baseline.descriptors).toBeLessThan(16)
    expect((await app.ask('GET', '/data/testAuthentication', { key: operator })).status).toBe(200)
    expect(({} as Record<string, unknown>)['admin']).toBeUndefined()
  })

  /** How many rows there are of what a request could leave behind. */
  async function rows() {
    const counts = { files: 0, keys: 0, accounts: 0, users: 0, members: 0, invites: 0, sessions: 0, password_resets: 0 }
    for (const table of Object.keys(counts) as (keyof typeof counts)[]) {
      const row = await app.services.db.read
        .selectFrom(table)
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow()
      counts[table] = row.count
    }
    // Those that an upload which was begun will go on with are no leftovers.
    return { ...counts, staging: (await listStagings(app.services.db.read)).length }
  }
})

/** Files of a data directory. */
const known =
  /^(keys|packs|lock\.db.*|(reclaim|node)\.lock|pinyon\.db.*|setup-token|writer.*|ledger.*|audit-head\.jws|reserve)$/

/** What this process holds, after a collection. */
async function measure(): Promise<{ heap: number; descriptors: number }> {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void // the flag above puts it there
  await new Promise((resolve) => setTimeout(resolve, 300))
  collect()
  return { heap: process.memoryUsage().heapUsed, descriptors: (await readdir('/proc/self/fd')).length }
}
