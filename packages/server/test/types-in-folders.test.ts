import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Answered, databases, startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { carOf, dagOf } from './support/tus-car.ts'
import { begin, begun, patch } from './support/tus.ts'

const png = Buffer.from('iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==', 'base64') // prettier-ignore
const page = '<!doctype html><script>1</script>'
type Files = readonly (readonly [path: string, content: string | Buffer])[]
const pictures: Files = [['set/1.png', png], ['set/more/2.png', Buffer.concat([png, Buffer.from('2')])]] // prettier-ignore
/** A page among them, called a picture; the last one behind more bytes than are held until all is known. */
const smuggled: Files = [['set/1.png', png], ['set/more/2.png', page]] // prettier-ignore
const smuggledLate: Files = [['set/1.png', Buffer.concat([png, Buffer.alloc(1_200_000, 1)])], ['set/2.png', page]] // prettier-ignore

describe.each(databases)('a bound on types, in folders, on %s', (database) => {
  let app: TestApp
  let admin: KeyValues & { accountId: string }
  beforeAll(async () => {
    app = await startTestApp({ database })
    admin = await app.setUp()
  })
  afterAll(() => app.close())

  const formOf = (files: Files, more: Record<string, string> = {}) => {
    const form = new FormData()
    for (const [name, content] of files) form.append('file', new Blob([new Uint8Array(Buffer.from(content))]), name)
    for (const [name, value] of Object.entries(more)) form.append(name, value)
    return form
  }
  const bind = (types: readonly string[]) => app.makeKey(admin, { admin: true }, { bounds: { types: [...types] } })
  const told = ({ status, body }: Answered) => [status, body.error?.message]
  const refused = (path: string) => [
    403,
    expect.stringContaining(`"${path}" in the folder was recognised as text/html`),
  ]
  const used = async () =>
    (await app.ask('GET', '/data/userPinnedDataTotal', { key: admin })).body.pin_size_total as number

  it('of a link looks at every file, and at none where only folders are named', async () => {
    const send = async (allow: readonly string[], files: Files) => {
      const { body } = await app.ask('POST', '/v3/files/sign', {
        key: admin,
        json: { date: Math.floor(Date.now() / 1_000), expires: 600, allow_mime_types: allow },
      })
      return app.ask('POST', String(body.data).slice(app.apiUrl.length), { form: formOf(files) })
    }
    const named = (path: string) => [400, expect.stringMatching(`^The detected MIME type text/html of "${path}"`)]
    expect((await send(['directory', 'image/*'], pictures)).status).toBe(200)
    expect(told(await send(['directory', 'image/*'], smuggled))).toEqual(named('set/more/2.png'))
    expect(told(await send(['directory', 'image/*'], smuggledLate))).toEqual(named('set/2.png'))
    expect((await send(['directory'], smuggled)).status).toBe(200)
    expect((await send(['image/*'], pictures)).status).toBe(400)
  })

  it('of a key looks at every file of a form, wrapped or not', async () => {
    const key = await bind(['directory', 'image/png'])
    const send = (files: Files, path = '/v3/files', more: Record<string, string> = {}) =>
      app.ask('POST', path, { key, form: formOf(files, more) })
    expect((await send(pictures)).status).toBe(200)
    const before = await used()
    expect(told(await send(smuggled))).toEqual(refused('set/more/2.png'))
    expect(told(await send(smuggledLate))).toEqual(refused('set/2.png'))
    const wrap = { pinataOptions: JSON.stringify({ wrapWithDirectory: true }) }
    expect((await send([['1.png', png]], '/pinning/pinFileToIPFS', wrap)).status).toBe(200)
    const [status, { error }] = await send([['1.png', page]], '/pinning/pinFileToIPFS', wrap).then((answer) => [
      answer.status,
      answer.body,
    ])
    expect([status, error.details]).toEqual(refused('1.png'))
    expect(await used()).toBe(before + png.length)
  })

  it('of a key looks at every file of a folder that comes in many requests', async () => {
    const begin2 = (key: KeyValues, files: Files) =>
      app.ask('POST', '/pinyon/v1/folder-uploads', {
        key,
        json: { name: 'set', files: files.map(([path, content]) => ({ path, size: Buffer.from(content).length })) },
      })
    const pngs = await bind(['directory', 'image/png'])
    const { body } = await begin2(pngs, smuggled)
    const base = `/pinyon/v1/folder-uploads/${body.id}`
    expect(told(await app.ask('POST', `${base}/files`, { key: pngs, form: formOf(smuggled) }))).toEqual(
      refused('set/more/2.png'),
    )
    expect((await app.ask('GET', base, { key: pngs })).body.received_files).toBe(0)
    const metadata = { folder_upload: String(body.id), path: 'set/more/2.png' }
    const part = await begun(app, pngs, page.length, { metadata })
    expect(told(await patch(app, pngs, part.path, 0, page))).toEqual(refused('set/more/2.png'))
    const second = Buffer.concat([png, Buffer.alloc(page.length)]).subarray(0, page.length)
    const whole = await begun(app, pngs, page.length, { metadata })
    expect((await patch(app, pngs, whole.path, 0, second)).status).toBe(204)
    expect((await begin2(await bind(['image/png']), pictures)).body.error.message).toContain('recognised as directory')
  })

  it('of a key takes no folder in a CAR, whose files are not looked at', async () => {
    const key = await bind(['directory', 'image/png'])
    const { body: folder } = await app.ask('POST', '/v3/files', {
      key: admin,
      form: formOf(smuggled, { network: 'public' }),
    })
    const car = Buffer.from(await (await fetch(`${app.gatewayUrl}/ipfs/${folder.data.cid}?format=car`)).arrayBuffer())
    const form = formOf([['set.car', car]], { car: 'true' })
    expect(told(await app.ask('POST', '/v3/files', { key, form }))).toEqual([403, expect.stringContaining('of a CAR')])
    const upload = await begun(app, key, car.length, { metadata: { filename: 'set.car', car: 'true' } })
    expect(told(await patch(app, key, upload.path, 0, car))).toEqual([403, expect.stringContaining('of a CAR')])
    const one = await carOf(await dagOf(png))
    expect(
      (await app.ask('POST', '/v3/files', { key, form: formOf([['one.car', one]], { car: 'true' }) })).status,
    ).toBe(200)
    expect((await begin(app, key, one.length)).status).toBe(201)
  })
})
