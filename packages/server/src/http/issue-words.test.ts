import { expect, it } from 'vitest'
import { z } from 'zod'
import { wordsOf } from './issue-words.ts'

function words(schema: z.ZodType, value: unknown, where: 'query' | 'body' = 'body'): string[] {
  return (schema.safeParse(value).error?.issues ?? []).map((issue) => wordsOf(issue, where))
}

it('says what is missing, and what it should be in the words of JSON', () => {
  const schema = z.object({ cid: z.string(), meta: z.record(z.string(), z.string()), origins: z.array(z.string()) })
  expect(words(schema, { meta: [], origins: 'x' })).toEqual([
    'is missing',
    'must be an object, not a list',
    'must be a list, not text',
  ])
  expect(words(schema, null)).toEqual(['must be an object, not null'])
  expect(words(z.object({ n: z.number(), yes: z.boolean() }), { n: 'x', yes: 1 })).toEqual([
    'must be a number, not text',
    'must be true or false, not a number',
  ])
})

it('says of a parameter that it is there more than once', () => {
  expect(words(z.object({ limit: z.string() }), { limit: ['1', '2'] }, 'query')).toEqual(['is there more than once'])
})

it('says the bounds, also of a key', () => {
  expect(words(z.string().max(3), 'abcd')).toEqual(['must be at most 3 characters'])
  expect(words(z.array(z.string()).max(1), ['a', 'b'])).toEqual(['must be at most 1 items'])
  const bounded = z.record(
    z.string().refine((key) => key.length < 3, 'must be short'),
    z.string(),
  )
  expect(words(bounded, { abc: '' })).toEqual(['its key must be short'])
})

it('says which words there are', () => {
  expect(words(z.enum(['exact', 'partial']), 'foo')).toEqual(['must be one of exact, partial'])
  expect(words(z.literal('v1'), 'foo')).toEqual(['must be v1'])
})

it('leaves the words of a schema as they are', () => {
  expect(words(z.enum(['a'], 'must be a, the first letter'), 'b')).toEqual(['must be a, the first letter'])
  expect(
    words(
      z.string().refine(() => false, 'is odd'),
      'x',
    ),
  ).toEqual(['is odd'])
  expect(words(z.union([z.string(), z.number()], 'must be text or a number'), true)).toEqual([
    'must be text or a number',
  ])
})
