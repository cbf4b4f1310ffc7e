import { expect, it } from 'vitest'
import { z } from 'zod'
import { describeIssue } from './describe-issue.ts'

function describeFirst(schema: z.ZodType, value: unknown, where: 'query' | 'body' = 'body'): string | undefined {
  const [issue] = schema.safeParse(value).error?.issues ?? []
  return issue && describeIssue(issue, where)
}

const shortKeys = z.record(
  z.string().refine((key) => key.length < 3, 'must be short'),
  z.string(),
)

it.each<[string, z.ZodType, unknown]>([
  ['is missing', z.object({}), undefined],
  ['is missing', z.object({ cid: z.string() }), {}],
  ['must be an object, not a list', z.object({}), []],
  ['must be an object, not a list', z.record(z.string(), z.string()), []],
  ['must be an object, not null', z.object({}), null],
  ['must be a list, not text', z.array(z.string()), 'x'],
  ['must be a number, not text', z.number(), 'x'],
  ['must be a whole number', z.int(), 1.5],
  ['must be true or false, not a number', z.boolean(), 1],
  ['must be one of public, private', z.enum(['public', 'private']), 'secret'],
  ['must be one of 0, 1', z.union([z.literal(0), z.literal(1), z.enum(['0', '1'])]), 99],
  ['must be 3', z.literal(3), 4],
  ['must be at most 10', z.number().max(10), 11],
  ['must be less than 10', z.number().lt(10), 10],
  ['must be at least 1', z.number().min(1), 0],
  ['must be more than 0', z.number().positive(), 0],
  ['must be at most 2 characters', z.string().max(2), 'abc'],
  ['must be at least 1 character', z.string().min(1), ''],
  ['must have at most 1 item', z.array(z.string()).max(1), ['a', 'b']],
  ['its key must be short', shortKeys, { long: '' }],
  ['is not as expected', z.union([z.string(), z.object({ a: z.number() })]), 5],
  ['its own words', z.number().max(10, 'its own words'), 11],
  ['its own words', z.enum(['a'], 'its own words'), 'b'],
  ['its own words', z.union([z.string(), z.number()], 'its own words'), true],
  ['is odd', z.string().refine(() => false, 'is odd'), 'x'],
])('says %j', (words, schema, value) => {
  expect(describeFirst(schema, value)).toBe(words)
})

it('says of a parameter that it is there more than once', () => {
  expect(describeFirst(z.string(), ['1', '2'], 'query')).toBe('is there more than once')
})
