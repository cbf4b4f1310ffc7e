import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/** What is wrong with a field, in words for a person who does not know our schemas. */
export function wordsOf(issue: Issue, where: 'path' | 'query' | 'body'): string {
  // Of several forms none fitted: the schema's own words, which say them all.
  if (issue.code === 'invalid_key' && issue.issues[0] !== undefined) return `its key ${wordsOf(issue.issues[0], where)}`
  if (issue.code === 'invalid_value' && issue.message.startsWith('Invalid '))
    return `must be ${issue.values.length > 1 ? 'one of ' : ''}${issue.values.map(String).join(', ')}`
  const words = issue.message.replace(/^Invalid input: /, '')
  const [, expected, received] = /^expected (\w+), received (\w+)$/.exec(words) ?? []
  if (received === 'undefined') return 'is missing'
  // A parameter of a query is text, and a list when it is repeated.
  if (where === 'query' && received === 'array') return 'is there more than once'
  if (expected !== undefined) return `must be ${kindOf(expected)}, not ${kindOf(received)}`
  const [, relation, number, unit] = /^Too (?:big|small): .* (<=|>=)([\d.]+) (\w+)$/.exec(words) ?? []
  if (number !== undefined) return `must be at ${relation === '<=' ? 'most' : 'least'} ${number} ${unit}`
  return words
}

/** Words of JSON for words of schemas. */
function kindOf(type: string | undefined): string {
  return kinds[type ?? ''] ?? type ?? ''
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  int: 'a whole number',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
}
