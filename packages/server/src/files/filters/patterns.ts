import { RE2JS, RE2JSException } from 're2js'
import { AppError } from '../../lib/errors.ts'
import { foldText } from '../../lib/fold.ts'
import type { KeyvalueValue } from '../keyvalues.ts'
import type { PatternOperator } from './keyvalue-condition.ts'

/** Longer regular expressions are refused. */
const maxRegexpLength = 512
/** Of a compiled expression. With the bound on the text, no pair of them takes longer than some 40 ms. */
const maxInstructions = 150
/** What a regular expression looks at of a value; values are no longer than that. */
const maxRegexpText = 1_024

/**
 * Makes the test of a pattern operator on a stored value's text. Throws `invalid_request`, naming `field`, for a
 * pattern that is none or would cost too much. Time is linear in text and pattern, whatever they are.
 */
export function compilePattern(op: PatternOperator, value: KeyvalueValue, field: string): (stored: string) => boolean {
  const pattern = String(value)
  switch (op) {
    case 'like':
      return likeTest(pattern)
    case 'notLike': {
      const matches = likeTest(pattern)
      return (stored) => !matches(stored)
    }
    case 'iLike': {
      const matches = likeTest(foldText(pattern))
      return (stored) => matches(foldText(stored))
    }
    case 'notILike': {
      const matches = likeTest(foldText(pattern))
      return (stored) => !matches(foldText(stored))
    }
    case 'regexp':
      return regexpTest(pattern, 0, field)
    case 'iRegexp':
      return regexpTest(pattern, RE2JS.CASE_INSENSITIVE, field)
  }
}

function regexpTest(pattern: string, flags: number, field: string): (stored: string) => boolean {
  if (pattern.length > maxRegexpLength) {
    throw new AppError('invalid_request', `${field}: a regular expression has at most ${maxRegexpLength} characters`)
  }
  const compiled = compileRegexp(pattern, flags, field)
  if (compiled.programSize() > maxInstructions) {
    throw new AppError(
      'invalid_request',
      `${field}: this regular expression is too complex; use fewer or smaller repetitions`,
    )
  }
  return (stored) => compiled.test(stored.slice(0, maxRegexpText))
}

function compileRegexp(pattern: string, flags: number, field: string): RE2JS {
  try {
    return RE2JS.compile(pattern, flags)
  } catch (cause) {
    if (!(cause instanceof RE2JSException)) throw cause
    throw new AppError('invalid_request', `${field}: not a regular expression (RE2): ${cause.message.slice(0, 200)}`, {
      cause,
    })
  }
}

/** Any characters, exactly one, or this character (one code point). */
type LikePart = { readonly any: true } | { readonly one: true } | { readonly is: string }

function readLike(pattern: string): LikePart[] {
  const parts: LikePart[] = []
  const characters = Array.from(pattern)
  for (let i = 0; i < characters.length; i++) {
    const character = characters[i] ?? ''
    if (character === '%') {
      const last = parts.at(-1)
      if (last === undefined || !('any' in last)) parts.push({ any: true })
    } else if (character === '_') parts.push({ one: true })
    // A backslash at the end stands for itself.
    else if (character === '\\') parts.push({ is: characters[++i] ?? '\\' })
    else parts.push({ is: character })
  }
  return parts
}

/** Goes back to the last `%` alone, so that time grows with text times pattern at worst. */
function likeTest(pattern: string): (stored: string) => boolean {
  const parts = readLike(pattern)
  return (stored) => {
    const text = Array.from(stored)
    let at = 0
    let part = 0
    let lastAny = -1
    let resumeAt = 0
    while (at < text.length) {
      const wanted = parts[part]
      if (wanted !== undefined && 'any' in wanted) {
        lastAny = part++
        resumeAt = at
      } else if (wanted !== undefined && ('one' in wanted || wanted.is === text[at])) {
        part++
        at++
      } else if (lastAny >= 0) {
        part = lastAny + 1
        at = ++resumeAt
      } else return false
    }
    while (part < parts.length && 'any' in (parts[part] ?? {})) part++
    return part === parts.length
  }
}
