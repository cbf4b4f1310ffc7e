import { describe, expect, it } from 'vitest'
import { readQuery } from './query.ts'

describe('readQuery', () => {
  it('reads names and values, plus as space', () => {
    expect(readQuery('a=1&b=p+q&c=%C3%A4&keyvalues%5Benv%5D=x')).toEqual({
      a: '1',
      b: 'p q',
      c: 'ä',
      'keyvalues[env]': 'x',
    })
  })
  it('keeps a percent sign that is no escape', () => {
    expect(readQuery('m=%7B%22value%22:%22%x%%22%7D')).toEqual({ m: '{"value":"%x%"}' })
  })
  it('makes a list of a repeated name and skips empty pieces', () => {
    expect(readQuery('&a=1&&a=2&')).toEqual({ a: ['1', '2'] })
  })
  it('treats __proto__ as data', () => {
    const query = readQuery('__proto__=x')
    expect(Object.getPrototypeOf(query)).toBe(Object.prototype)
    expect(Object.hasOwn(query, '__proto__')).toBe(true)
  })
  it('keeps bytes that are not UTF-8 as they were written', () => {
    expect(readQuery('a=%ff%41')).toEqual({ a: '%ff%41' })
  })
})
