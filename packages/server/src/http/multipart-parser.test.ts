import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MultipartParser } from './multipart-parser.ts'
import type { PartHead } from './part-head.ts'

interface Part {
  head: PartHead
  bytes: Buffer
  ended: boolean
}

/** Writes a form in the pieces given and collects its parts. */
async function parse(pieces: readonly Buffer[], { slow = false, maxParts = 100 } = {}): Promise<Part[]> {
  const parts: Part[] = []
  const parser = new MultipartParser('b0undary', maxParts, (head) => {
    const part: Part = { head, bytes: Buffer.alloc(0), ended: false }
    parts.push(part)
    const sink = {
      write(piece: Buffer) {
        part.bytes = Buffer.concat([part.bytes, piece])
        return slow ? new Promise<void>((resolve) => void setImmediate(resolve)) : undefined
      },
      end() {
        part.ended = true
      },
    }
    return slow ? Promise.resolve(sink) : sink
  })
  for (const piece of pieces) await parser.write(piece)
  parser.end()
  return parts
}

function form(parts: readonly { head: string; body: Buffer }[]): Buffer {
  return Buffer.concat([
    ...parts.flatMap(({ head, body }) => [Buffer.from(`--b0undary\r\n${head}\r\n\r\n`), body, Buffer.from('\r\n')]),
    Buffer.from('--b0undary--\r\n'),
  ])
}

function cut(bytes: Buffer, places: readonly number[]): Buffer[] {
  const at = [...new Set([0, ...places.map((place) => place % (bytes.length + 1)), bytes.length])].sort((a, b) => a - b)
  return at.slice(1).map((end, i) => bytes.subarray(at[i], end))
}

const file = 'Content-Disposition: form-data; name="file"; filename="a.txt"'

describe('MultipartParser', () => {
  it('gives the same parts wherever the stream is cut, and for takers that want time', async () => {
    const body = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      // Content that nearly is a boundary.
      fc
        .array(fc.constantFrom('\r', '\n', '-', '--', '\r\n', '\r\n--', '\r\n--b0undar', '--b0undary', 'y', '\r\r\n'), {
          maxLength: 20,
        })
        .map((pieces) => Buffer.from(pieces.join(''))),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(body, { minLength: 1, maxLength: 4 }),
        fc.array(fc.nat(), { maxLength: 12 }),
        fc.boolean(),
        async (bodies, places, slow) => {
          const contents = bodies
            .map((bytes) => Buffer.from(bytes))
            .filter((bytes) => !bytes.includes('\r\n--b0undary'))
          const pieces = cut(form(contents.map((content) => ({ head: file, body: content }))), places)
          const parts = await parse(pieces, { slow })
          expect(parts.map(({ bytes }) => bytes.toString('hex'))).toEqual(
            contents.map((bytes) => bytes.toString('hex')),
          )
          expect(parts.every(({ ended }) => ended)).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })

  it('reads a form that comes byte by byte', async () => {
    const bytes = form([{ head: file, body: Buffer.from('one\r\n--b0und\r\n') }])
    const [part] = await parse(Array.from(bytes, (_, i) => bytes.subarray(i, i + 1)))
    expect(part?.bytes.toString()).toBe('one\r\n--b0und\r\n')
  })

  it('passes over what stands before the first and after the last part', async () => {
    const bytes = Buffer.concat([
      Buffer.from('hello\r\n'),
      form([{ head: file, body: Buffer.from('x') }]),
      Buffer.from('bye'),
    ])
    expect(await parse([bytes])).toHaveLength(1)
  })

  it.each([
    ['nothing', ''],
    ['no boundary', 'hello'],
    ['an end inside the head', `--b0undary\r\n${file}`],
    ['an end inside the content', `--b0undary\r\n${file}\r\n\r\nabc`],
    ['an end after the boundary', '--b0undary'],
    ['a last boundary that is not marked as one', `--b0undary\r\n${file}\r\n\r\nabc\r\n--b0undary\r\n`],
    ['something behind the boundary', `--b0undaryx\r\n${file}\r\n\r\nabc\r\n--b0undary--`],
    ['line feeds alone', `--b0undary\n${file}\n\nabc\n--b0undary--`],
    ['no headers', '--b0undary\r\n\r\nabc\r\n--b0undary--'],
    ['no disposition', '--b0undary\r\ncontent-type: text/plain\r\n\r\nabc\r\n--b0undary--'],
    ['another disposition', '--b0undary\r\ncontent-disposition: attachment; name="file"\r\n\r\nabc\r\n--b0undary--'],
    ['no name', '--b0undary\r\ncontent-disposition: form-data; filename="file"\r\n\r\nabc\r\n--b0undary--'],
    ['a name twice', '--b0undary\r\ncontent-disposition: form-data; name="file"; name="x"\r\n\r\nabc\r\n--b0undary--'],
    ['an open quote', '--b0undary\r\ncontent-disposition: form-data; name="file\r\n\r\nabc\r\n--b0undary--'],
    ['a line without a colon', `--b0undary\r\n${file}\r\nnonsense\r\n\r\nabc\r\n--b0undary--`],
    ['an endless head', `--b0undary\r\n${file}; x="${'x'.repeat(20_000)}"\r\n\r\nabc\r\n--b0undary--`],
    ['much before the first part', `${'x'.repeat(70_000)}\r\n--b0undary\r\n${file}\r\n\r\nabc\r\n--b0undary--`],
    ['much after the last part', `--b0undary\r\n${file}\r\n\r\nabc\r\n--b0undary--${'x'.repeat(70_000)}`],
  ])('refuses %s', async (_, text) => {
    await expect(parse([Buffer.from(text)])).rejects.toMatchObject({ code: 'invalid_request' })
    await expect(parse(cut(Buffer.from(text), [10, 11, 20, 100]))).rejects.toMatchObject({ code: 'invalid_request' })
  })

  it('refuses more parts than it was told', async () => {
    const bytes = form(Array.from({ length: 11 }, () => ({ head: file, body: Buffer.from('x') })))
    await expect(parse([bytes], { maxParts: 10 })).rejects.toMatchObject({ code: 'too_large' })
  })
})
