import { expect, it } from 'vitest'
import { z } from 'zod'
import { recordOf } from './record.ts'

const schema = recordOf(z.string().max(12), z.number()).refine((record) => Object.keys(record).length <= 3, 'too many')
const read = (json: string) => schema.safeParse(JSON.parse(json))

it('a record keeps every key, whatever an object of the language has under it', () => {
  const { data } = read('{"__proto__":1,"constructor":2,"prototype":3}')
  const expected: [string, number][] = [['__proto__', 1], ['constructor', 2], ['prototype', 3]] // prettier-ignore
  expect(new Map(Object.entries(data ?? {}))).toEqual(new Map(expected))
  expect(Object.getPrototypeOf(data)).toBe(Object.prototype)
  expect(Object.entries(read('{"a":1}').data ?? {})).toEqual([['a', 1]])
})

it('a record holds each of them against its schema, names it, and counts it', () => {
  const { error } = read('{"__proto__":{"a":1},"constructor":"x"}')
  expect(error?.issues.map(({ path }) => path)).toEqual([['constructor'], ['__proto__']])
  expect(read('{"__proto__":1,"a":1,"b":1,"c":1}').error?.issues).toMatchObject([{ message: 'too many' }])
  for (const wrong of ['[]', 'null', '"__proto__"', '1']) expect(read(wrong).success, wrong).toBe(false)
})

it('a record is described as an object', () => {
  expect(z.toJSONSchema(recordOf(z.string(), z.number()))).toEqual(z.toJSONSchema(z.record(z.string(), z.number())))
})
