import type { z } from 'zod'

type Issue = z.core.$ZodIssue

/**
 * What is wrong with a field, in words that follow its name: those of JSON, for a person who does not know our schemas.
 * A schema's own words stay as they are.
 */
export function describeIssue(issue: Issue, where: 'path' | 'query' | 'body'): string {
  const [ofKey] = issue.code === 'invalid_key' ? issue.issues : []
  if (ofKey !== undefined) return `its key ${describeIssue(ofKey, where)}`
  if (!/^(?:Invalid (?:option|input)|Too big|Too small)\b/.test(issue.message)) return issue.message
  const values = valuesOf(issue)
  if (values !== undefined) return `must be ${values.length > 1 ? 'one of ' : ''}${values.join(', ')}`
  if (issue.code === 'too_big') return bound(issue, issue.inclusive === false ? 'less than' : 'at most', issue.maximum)
  if (issue.code === 'too_small')
    return bound(issue, issue.inclusive === false ? 'more than' : 'at least', issue.minimum)
  const [, expected, received] = /expected (\w+), received (\w+)$/.exec(issue.message) ?? []
  if (received === 'undefined') return 'is missing'
  // A parameter of a query is text, and a list when it is repeated.
  if (where === 'query' && received === 'array') return 'is there more than once'
  if (expected === 'int') return 'must be a whole number'
  if (expected !== undefined) return `must be ${kindOf(expected)}, not ${kindOf(received)}`
  return issue.message.replace(/^Invalid input: /, '').replace('Invalid input', 'is not as expected')
}

/** The values of which it had to be one, however the schema says so. */
function valuesOf(issue: Issue): string[] | undefined {
  if (issue.code === 'invalid_value') return issue.values.map(String)
  if (issue.code !== 'invalid_union') return undefined
  const all = issue.errors.map(([only, ...others]) =>
    only === undefined || others.length > 0 || only.path.length > 0 ? undefined : valuesOf(only),
  )
  return all.length === 0 || all.includes(undefined) ? undefined : [...new Set(all.flatMap((values) => values ?? []))]
}

function bound({ origin }: { origin: string }, how: string, count: number | bigint): string {
  const unit = { string: 'character', array: 'item', set: 'item', map: 'item' }[origin]
  if (unit === undefined) return `must be ${how} ${count}`
  return `must ${unit === 'item' ? 'have' : 'be'} ${how} ${count} ${unit}${count === 1 ? '' : 's'}`
}

/** Words of JSON for words of schemas. */
function kindOf(type: string | undefined): string {
  return kinds[type ?? ''] ?? type ?? ''
}

const kinds: Readonly<Record<string, string>> = {
  array: 'a list',
  boolean: 'true or false',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'text',
}
