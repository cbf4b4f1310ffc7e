import { buffer } from 'node:stream/consumers'
import { expect, it } from 'vitest'
import { encodeMultipart, type FilePart } from './multipart-body.ts'

const part = (filename: string, pieces: (string | Uint8Array)[], known = true): FilePart => {
  const bytes = pieces.map((piece) => Buffer.from(piece as string)) // or bytes, which it takes too
  return {
    filename,
    sizeBytes: known ? bytes.reduce((sum, { length }) => sum + length, 0) : undefined,
    open: () => bytes,
  }
}

/** Sent and read by another implementation: that of the platform. */
async function readBack(
  form: ReturnType<typeof encodeMultipart>,
): Promise<[string, string | { name: string; text: string }][]> {
  const response = new Response(await buffer(form.stream), { headers: { 'content-type': form.contentType } })
  const entries: [string, string | { name: string; text: string }][] = []
  for (const [name, value] of await response.formData()) {
    entries.push([name, typeof value === 'string' ? value : { name: value.name, text: await value.text() }])
  }
  return entries
}

it('sends fields before files, and all of them whole', async () => {
  const files = [part('a.txt', ['one', 'more']), part('dir/ünï "q".json', ['{}']), part('empty', [])]
  const form = encodeMultipart({ network: 'public', name: 'x\r\n--y' }, files, () => undefined)
  expect(await readBack(form)).toEqual([
    ['network', 'public'],
    ['name', 'x\r\n--y'],
    ['file', { name: 'a.txt', text: 'onemore' }],
    ['file', { name: 'dir/ünï "q".json', text: '{}' }],
    ['file', { name: 'empty', text: '' }],
  ])
})

it('says how long it is to the byte, unless one part does not know', async () => {
  const files = [part('é', ['abc']), part('large', [Buffer.alloc(100_000), Buffer.alloc(70_000)]), part('%22', ['x'])]
  const form = encodeMultipart({ name: 'ü' }, files, () => undefined)
  expect(form.lengthBytes).toBe((await buffer(form.stream)).length)
  expect(encodeMultipart({}, [...files, part('-', ['x'], false)], () => undefined).lengthBytes).toBe(undefined)
})

it('counts bytes of content as they pass, and gathers small files in few pieces', async () => {
  const files = Array.from({ length: 1_000 }, (_, i) => part(`f/${i}`, ['0123456789']))
  let counted = 0
  let pieces = 0
  for await (const piece of encodeMultipart({}, files, (bytes) => (counted += bytes)).stream) {
    expect(piece.length).toBeLessThan(300_000)
    pieces++
  }
  expect(counted).toBe(10_000)
  expect(pieces).toBeLessThan(3)
})

it('ends a header for no file name: quotes, line breaks and backslashes stay inside', async () => {
  const form = encodeMultipart({}, [part('a"\r\nX-Evil: 1\\', ['x']), part('p%22q', ['y'])], () => undefined)
  const text = (await buffer(form.stream)).toString()
  expect(text).toContain('filename="a%22%0D%0AX-Evil: 1\\\\"\r\n')
  expect(text).toContain(`filename="p%22q"; filename*=UTF-8''p%2522q\r\n`)
})
