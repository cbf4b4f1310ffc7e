import { describe, expect, it } from 'vitest'
import { detectType } from './detect-type.ts'

const png = Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex')

describe('detectType', () => {
  it.each([
    ['photo.jpg', 'whatever', undefined, 'image/jpeg'],
    ['data.json', '{}', 'application/octet-stream', 'application/json'],
    ['noending', '{"a":1}', 'application/octet-stream', 'application/json'],
    ['noending', 'hello', 'application/octet-stream', 'text/plain'],
    ['noending', '# hello', 'text/markdown', 'text/markdown'],
    ['noending', '', undefined, 'text/plain'],
    ['noending', '\x07\xff\x07', undefined, 'application/octet-stream'],
    ['noending', '\x07\xff\x07', 'model/stl', 'model/stl'],
    ['noending', '\x07\xff\x07', 'no type; "', 'application/octet-stream'],
  ])('calls %s with %j, said to be %s, %s', async (name, content, said, expected) => {
    expect(await detectType(name, { bytes: Buffer.from(content), isWhole: true }, said)).toBe(expected)
  })

  it('believes the first bytes more than the client', async () => {
    expect(await detectType('noending', { bytes: png, isWhole: false }, 'text/plain')).toBe('image/png')
  })
})
