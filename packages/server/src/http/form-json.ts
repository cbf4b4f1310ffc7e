import type { z } from 'zod'
import { AppError } from '../lib/errors.ts'
import { parseJson, parseWith } from './parse.ts'

/** JSON in a field of a form, read by `schema`. A field that is empty is as if absent. Throws 400 that names the field and what in it. */
export function parseFormJson<S extends z.ZodType>(
  schema: S,
  name: string,
  text: string | undefined,
): z.infer<S> | undefined {
  // What JavaScript makes of an absent value that is put into a form.
  if (text === undefined || text.trim() === '' || text === 'undefined' || text === 'null') return undefined
  let value: unknown
  try {
    value = parseJson(Buffer.from(text))
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    throw new AppError(error.code, `${name}: ${error.message.replace('The body', 'It')}`, { cause: error })
  }
  return parseWith(schema, value, 'body', name)
}
