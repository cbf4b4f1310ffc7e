import { describe, expect, it } from 'vitest'
import { mayRun, typeOfBytes, typeOfName } from './content-type.ts'

const of = (text: string) => typeOfBytes(Buffer.from(text), { whole: true })

describe('typeOfName', () => {
  it('knows endings, and gives text its charset', () => {
    expect(typeOfName('a/b.html')).toBe('text/html; charset=utf-8')
    expect(typeOfName('x.json')).toBe('application/json')
    expect(typeOfName('x.mjs')).toBe('text/javascript; charset=utf-8')
    expect(typeOfName('photo.JPG')).toBe('image/jpeg')
    expect(typeOfName('README')).toBeUndefined()
    expect(typeOfName('x.neverheardof')).toBeUndefined()
  })
})

describe('typeOfBytes', () => {
  it('recognises JSON, text, SVG and HTML without a name', async () => {
    expect(await of('{"a":1}')).toBe('application/json')
    expect(await of('[1,2]')).toBe('application/json')
    expect(await of('{ not json')).toBe('text/plain; charset=utf-8')
    expect(await of('hello world\n')).toBe('text/plain; charset=utf-8')
    expect(await of('<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>')).toBe('image/svg+xml')
    expect(await of('<!doctype html><p>x')).toBe('text/html; charset=utf-8')
    expect(await of('<!-- hi --><html>')).toBe('text/html; charset=utf-8')
  })
  it('recognises formats by their magic, and calls the rest bytes', async () => {
    expect(await typeOfBytes(Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'), { whole: false })).toBe(
      'image/png',
    )
    expect(await typeOfBytes(Buffer.from([0, 1, 2, 3]), { whole: true })).toBe('application/octet-stream')
    expect(await typeOfBytes(Buffer.from([0xff, 0xfe, 0x80]), { whole: true })).toBe('application/octet-stream')
  })
  it('forgives a character cut off at the end of what was read, but not at the end of the file', async () => {
    const cut = Buffer.from('grün').subarray(0, 3)
    expect(await typeOfBytes(cut, { whole: false })).toBe('text/plain; charset=utf-8')
    expect(await typeOfBytes(cut, { whole: true })).toBe('application/octet-stream')
  })
})

it('knows what can run something in a browser', () => {
  for (const type of [
    'text/html; charset=utf-8',
    'image/svg+xml',
    'application/pdf',
    'text/javascript',
    'application/xml',
  ])
    expect(mayRun(type)).toBe(true)
  for (const type of ['image/png', 'video/mp4', 'font/woff2']) expect(mayRun(type)).toBe(false)
})
