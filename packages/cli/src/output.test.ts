import { describe, expect, it } from 'vitest'
import { bytesText, fields, safeLines, safeText, table } from './output.ts'
import { pad, shorten, widthOf } from './text-width.ts'

describe('safeText', () => {
  it('lets nothing through that could steer a terminal or turn a name around', () => {
    expect(safeText('a\u001b[2Jb\u0007\r\nc\u009b')).toBe('a�[2Jb���c�')
    expect(safeText('photo\u202egpj.exe\u2066')).toBe('photo�gpj.exe�')
    expect(safeText('ünï 你好 👩‍👩‍👧 é')).toBe('ünï 你好 👩‍👩‍👧 é')
    expect(safeLines('a\nb\u001bc')).toBe('a\nb�c')
  })
})

describe('bytesText', () => {
  it.each([
    [0, '0 B'],
    [1023, '1023 B'],
    [1024, '1.0 KiB'],
    [1024 * 1024 - 1, '1.0 MiB'],
    [1_500_000, '1.4 MiB'],
    [1024 ** 3, '1.0 GiB'],
    [1234.5, '1.2 KiB'],
    [500.4, '500 B'],
    [5e18, '4440.9 PiB'],
  ])('says %d as %s', (bytes, text) => {
    expect(bytesText(bytes)).toBe(text)
  })
})

describe('table', () => {
  it('keeps columns straight for wide characters, emoji and combining marks', () => {
    const lines = table(
      ['NAME', 'SIZE', 'CID'],
      [
        ['你好', '1 B', 'a'],
        ['e\u0301té🎉', '22 B', 'b'],
        ['plain', '', ''],
      ],
    ).split('\n')
    expect(lines).toEqual(['NAME   SIZE  CID', '你好   1 B   a', 'e\u0301té🎉  22 B  b', 'plain'])
  })

  it('bears many rows', () => {
    expect(
      table(
        ['A'],
        Array.from({ length: 200_000 }, () => ['x']),
      ).length,
    ).toBe(400_001)
  })
})

it('fields stand below each other', () => {
  expect(
    fields([
      ['A', '1'],
      ['Long', '2'],
      ['B', ''],
    ]),
  ).toBe('A     1\nLong  2\nB')
})

describe('text widths', () => {
  it.each([
    ['abc', 3],
    ['你好', 4],
    ['👩‍👩‍👧', 2],
    ['❤️', 2],
    ['é', 1],
    ['e\u0301', 1],
    ['7', 1],
    ['', 0],
  ])('%s takes %d', (text, columns) => {
    expect(widthOf(text)).toBe(columns)
  })

  it('shorten cuts between characters and never beyond its columns', () => {
    expect(shorten('hello', 5)).toBe('hello')
    expect(shorten('hello!', 5)).toBe('hell…')
    expect(shorten('你好你好', 5)).toBe('你好…')
    expect(shorten('👩‍👩‍👧👩‍👩‍👧', 3)).toBe('👩‍👩‍👧…')
    expect(pad('你', 4)).toBe('你  ')
  })
})
