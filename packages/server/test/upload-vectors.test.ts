import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cidVectors, vectorEntries, vectorPieces } from '../src/ipfs/cid-vectors.ts'
import { startTestApp, type TestApp } from './support/app.ts'
import { boundary, sendChunked } from './support/upload.ts'

/** A way in that can carry a file or a folder in a profile. */
interface Way {
  readonly path: string
  readonly fields: Readonly<Record<string, string>>
}

const ways: readonly (readonly [string, 'v0' | 'v1', Way])[] = [
  ['legacy', 'v0', { path: '/pinning/pinFileToIPFS', fields: {} }],
  ['legacy', 'v1', { path: '/pinning/pinFileToIPFS', fields: { pinataOptions: '{"cidVersion":1}' } }],
  ['v3', 'v0', { path: '/v3/files', fields: { cid_version: 'v0' } }],
  ['v3', 'v1', { path: '/v3/files', fields: {} }],
]

async function* form(
  files: Iterable<{ name: string; pieces: Iterable<Uint8Array> }>,
  { fields }: Way,
): AsyncGenerator<Uint8Array> {
  for (const { name, pieces } of files) {
    yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="${name}"\r\n\r\n`)
    for (const piece of pieces) yield Buffer.from(piece)
    yield Buffer.from('\r\n')
  }
  for (const [name, value] of Object.entries(fields)) {
    yield Buffer.from(`--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`)
  }
  yield Buffer.from(`--${boundary}--\r\n`)
}

describe.each(ways)('the CIDs of a real Kubo through %s as %s', (_, profile, way) => {
  let app: TestApp
  let key: Awaited<ReturnType<TestApp['setUp']>>

  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
  })
  afterAll(() => app.close())

  async function cidOf(files: Iterable<{ name: string; pieces: Iterable<Uint8Array> }>): Promise<string> {
    const { status, body } = await sendChunked(app, way.path, key, form(files, way))
    expect([status, body.error], status < 500 ? '' : app.log().slice(-3_000)).toEqual([200, undefined])
    return body.data?.cid ?? body.IpfsHash
  }

  it.each(cidVectors.files)(
    'come out for $size bytes',
    async ({ size, seed, [profile]: cid }) => {
      expect(await cidOf([{ name: 'file.bin', pieces: vectorPieces(size, seed, 1_048_576) }])).toBe(cid)
    },
    60_000,
  )

  // A form carries files, so a folder with an empty folder in it has no way in but a CAR.
  const directories = cidVectors.directories.filter(({ name }) =>
    [...vectorEntries(name)].every(({ content }) => content !== undefined),
  )
  it.each(directories.filter(({ name }) => name !== 'empty'))(
    'come out for the folder $name',
    async ({ name, [profile]: cid }) => {
      const files = (function* () {
        for (const { path, content } of vectorEntries(name)) {
          yield { name: ['root', ...path].join('/'), pieces: content === undefined ? [] : [content] }
        }
      })()
      expect(await cidOf(files)).toBe(cid)
    },
    60_000,
  )
})
