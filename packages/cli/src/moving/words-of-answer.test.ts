import { expect, it } from 'vitest'
import { beginningOf, wordsOfAnswer } from './words-of-answer.ts'

it('finds what is meant for people in the errors of services', () => {
  const said = (value: unknown) => wordsOfAnswer(JSON.stringify(value), [])
  expect(said({ error: { reason: 'INVALID_CREDENTIALS', details: 'Invalid credentials' } })).toBe('Invalid credentials')
  expect(said({ error: { reason: 'UNAUTHORIZED' } })).toBe('UNAUTHORIZED')
  expect(said({ error: { reason: 'UNAUTHORIZED', details: '' } })).toBe('UNAUTHORIZED')
  expect(said({ error: { code: 404, message: 'no such route' } })).toBe('no such route')
  expect(said({ error: 'slow down' })).toBe('slow down')
  expect(said({ errors: [{ message: 'first' }, { message: 'second' }] })).toBe('first')
  expect(said({ Message: 'of Kubo', Code: 0, Type: 'error' })).toBe('of Kubo')
  expect(said('a string')).toBe('a string')
  expect(wordsOfAnswer('403 - Forbidden\n', [])).toBe('403 - Forbidden')
})

it('shows no JSON, no page and no empty words', () => {
  for (const text of ['{"a":{"b":1}}', '{"cut":"of', '[]', '<!doctype html><p>no', '', '  \n', '{"error":null}'])
    expect(wordsOfAnswer(text, [])).toBe('')
})

it('shows no secret, steers no terminal, and stays on one short line', () => {
  const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJhIjoxfQabc.c2lnbmF0dXJl'
  expect(wordsOfAnswer(`{"message":"no such token: s3cret-token (${jwt})"}`, ['s3cret-token', ''])).toBe(
    'no such token: [secret] ([secret])',
  )
  expect(wordsOfAnswer('{"message":"a\\u001b[2Jb\\r\\nc\\u202e"}', [])).toBe('a\u{fffd}[2Jb c\u{fffd}')
  expect(wordsOfAnswer('x'.repeat(1_000), [])).toHaveLength(201)
})

it('reads no more of a body than a message can be', async () => {
  let given = 0
  async function* endless() {
    for (;;) {
      given += 10_000
      yield Buffer.alloc(10_000, 'x')
    }
  }
  expect((await beginningOf(endless())).length).toBeLessThan(80_000)
  expect(given).toBeLessThan(80_000)
  async function* broken() {
    yield Buffer.from('said')
    throw new Error('cut')
  }
  expect(await beginningOf(broken())).toBe('said')
  expect(await beginningOf(null)).toBe('')
})
