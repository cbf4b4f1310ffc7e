import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { AppError } from '../lib/errors.ts'
import { decodeMultipartName, readUploadPath } from './upload-path.ts'

describe('readUploadPath', () => {
  it('reads what clients send', () => {
    const paths: Record<string, string[]> = {
      'a.txt': ['a.txt'],
      '/one.bin': ['one.bin'],
      '//one.bin': ['one.bin'],
      './a.txt': ['a.txt'],
      '/home/me/site/index.html': ['home', 'me', 'site', 'index.html'],
      'site/日本/🙂.txt': ['site', '日本', '🙂.txt'],
      'with space/%41.txt': ['with space', '%41.txt'],
      'C:\\dir\\a.txt': ['C:\\dir\\a.txt'],
      '...': ['...'],
      '.hidden/..b/c..': ['.hidden', '..b', 'c..'],
      [`${'d/'.repeat(63)}f`]: [...Array<string>(63).fill('d'), 'f'],
      ['é'.repeat(127)]: ['é'.repeat(127)],
    }
    for (const [filename, path] of Object.entries(paths)) expect(readUploadPath(filename)).toEqual(path)
  })

  const refused = {
    nothing: '',
    'slashes alone': '///',
    'the folder itself': '.',
    'the folder above': '..',
    'a way up': '../a.txt',
    'a way up after slashes': '/../a.txt',
    'a way up inside': 'a/../../b',
    'a dot inside': 'a/./b',
    'a slash at the end': 'a/',
    'two slashes inside': 'a//b',
    NUL: 'a\0b',
    'a line end': 'a\r\nb',
    'an escape': 'a\u001b[0m',
    'a control character of the upper half': 'a\u0085',
    delete: 'a\u007f',
    'a lone surrogate': 'a\ud800',
    'bytes that were not UTF-8': 'a\ufffd',
    'a name of 256 bytes': 'é'.repeat(128),
    '65 segments': `${'d/'.repeat(64)}f`,
    'a megabyte': 'x/'.repeat(500_000),
  }
  for (const [what, filename] of Object.entries(refused)) {
    it(`refuses ${what}`, () => {
      expect(() => readUploadPath(filename)).toThrow(expect.objectContaining({ code: 'invalid_path' }))
    })
  }

  it('says why, with the path', () => {
    expect(() => readUploadPath('a/../b')).toThrow('The file path "a/../b" is refused: ".." may not stand in it')
    expect(() => readUploadPath(`${'d/'.repeat(64)}f`)).toThrow('it is deeper than 64 folders')
  })

  it('lets nothing through that could lead elsewhere', () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom('..', '.', '/', 'a', '\\', '\0', '%2f', 'é')), (parts) => {
        let path: string[]
        try {
          path = readUploadPath(parts.join(''))
        } catch (error) {
          expect(error).toBeInstanceOf(AppError)
          return
        }
        expect(path.length).toBeGreaterThan(0)
        for (const name of path) {
          expect(['', '.', '..']).not.toContain(name)
          expect(name).not.toMatch(/[/\0]/)
        }
      }),
    )
  })
})

it('decodes the three escapes of multipart names and nothing else', () => {
  expect(decodeMultipartName('a%22b%0D%0ac%41%2f%%2')).toBe('a"b\r\nc%41%2f%%2')
})
