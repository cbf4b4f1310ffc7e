import { describe, expect, it } from 'vitest'
import { matchesTag, readRange, readRanges } from './conditional.ts'
import { contentDisposition } from './disposition.ts'

describe('matchesTag', () => {
  it('compares weakly, in lists, and by star', () => {
    expect(matchesTag(undefined, '"a"')).toBe(false)
    expect(matchesTag('"b", W/"a"', '"a"')).toBe(true)
    expect(matchesTag('*', '"a"')).toBe(true)
    expect(matchesTag('"ab"', '"a"')).toBe(false)
  })
})

describe('readRange', () => {
  const read = (range: string, ifRange?: string) => readRange({ range, ifRange }, '"tag"', 1_000)
  it('reads first-last, first- and suffix ranges, clipped to the size', () => {
    expect(read('bytes=0-1')).toEqual({ start: 0, end: 2 })
    expect(read('bytes=10-')).toEqual({ start: 10, end: 1_000 })
    expect(read('bytes=-10')).toEqual({ start: 990, end: 1_000 })
    expect(read('bytes=-5000')).toEqual({ start: 0, end: 1_000 })
    expect(read('bytes=999-99999')).toEqual({ start: 999, end: 1_000 })
    expect(read('Bytes=0-18446744073709551615')).toEqual({ start: 0, end: 1_000 })
  })
  it('sends the whole for what is malformed, several, or of another entity', () => {
    for (const range of ['', 'bytes=', 'bytes=-', 'bytes=a-b', 'items=0-1', 'bytes=0-1,5-6', 'bytes=5-2'])
      expect(read(range), range).toBeUndefined()
    expect(read('bytes=0-1', '"other"')).toBeUndefined()
    expect(read('bytes=0-1', 'W/"tag"')).toBeUndefined()
    expect(read('bytes=0-1', '"tag"')).toEqual({ start: 0, end: 2 })
  })
  it('passes over empty elements of a list', () => {
    expect(read('bytes=0-1,')).toBeUndefined()
    expect(readRanges({ range: 'bytes=0-1, ,' }, '"tag"', 1_000)).toEqual([{ start: 0, end: 2 }])
    expect(readRanges({ range: 'bytes=,5-6,,0-1' }, '"tag"', 1_000)).toEqual([
      { start: 5, end: 7 },
      { start: 0, end: 2 },
    ])
    expect(readRanges({ range: 'bytes=,' }, '"tag"', 1_000)).toBeUndefined()
  })
  it('refuses what lies outside', () => {
    for (const range of ['bytes=1000-', 'bytes=2000-3000', 'bytes=-0', 'bytes=18446744073709551615-'])
      expect(() => read(range), range).toThrow('outside')
  })
})

describe('contentDisposition', () => {
  it('quotes, encodes, and lets no control character through', () => {
    expect(contentDisposition('attachment', 'a "b".txt')).toBe('attachment; filename="a \\"b\\".txt"')
    expect(contentDisposition('inline', 'ä\r\nX: y.txt')).toBe(
      'inline; filename="___X: y.txt"; filename*=UTF-8\'\'%C3%A4%0D%0AX%3A%20y.txt',
    )
    expect(contentDisposition('inline', undefined)).toBe('inline')
  })
})
