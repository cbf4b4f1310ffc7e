import { describe, expect, it } from 'vitest'
import { readPartHead } from './part-head.ts'

const nameOf = (filename: string) =>
  readPartHead(Buffer.from(`Content-Disposition: form-data; name="file"; ${filename}`)).filename

describe('readPartHead', () => {
  it.each([
    ['filename="a.txt"', 'a.txt'],
    ['filename=a.txt', 'a.txt'],
    ['filename="root/sub/näme.json"', 'root/sub/näme.json'],
    ['filename="%41.txt"', '%41.txt'],
    ['filename="say %22hi%22.txt"', 'say "hi".txt'],
    ['filename="say \\"hi\\".txt"', 'say "hi".txt'],
    ['filename="C:\\dir\\a.txt"', 'C:\\dir\\a.txt'],
    ['filename="a\\\\b"', 'a\\b'],
    ['filename="semi;colon.txt"', 'semi;colon.txt'],
    ['filename=""', ''],
    [`filename="x"; filename*=UTF-8''na%C3%AFve%20file.txt`, 'naïve file.txt'],
    [`filename*=utf-8'en'a.txt; filename="x"`, 'a.txt'],
    [`filename="x"; filename*=UTF-8''a%2522b`, 'a%22b'],
    [`filename="x"; filename*=UTF-8''%ff`, 'x'],
    [`filename="x"; filename*=latin1''a`, 'x'],
    ['filename = "spaced.txt" ; other=1', 'spaced.txt'],
    ['FileName="case.txt"', 'case.txt'],
    ['filename="__proto__"', '__proto__'],
  ])('reads %s', (parameter, expected) => {
    expect(nameOf(parameter)).toBe(expected)
  })

  it('gives no file name where none stands', () => {
    expect(nameOf('x="filename"')).toBeUndefined()
  })

  it('joins lines that go on, and knows the type without its parameters', () => {
    const head =
      'content-DISPOSITION: form-data;\r\n name="file";\r\n\tfilename="a.txt"\r\nContent-Type: Text/HTML; charset=utf-8'
    expect(readPartHead(Buffer.from(head))).toEqual({ name: 'file', filename: 'a.txt', contentType: 'text/html' })
  })
})
