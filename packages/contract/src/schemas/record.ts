import { z } from 'zod'

/**
 * An object whose keys the client chooses. As `z.record`, but `__proto__` is a key like any other: that of zod drops it
 * without a word.
 */
export function recordOf<Key extends z.core.$ZodRecordKey, Value extends z.ZodType>(
  key: Key,
  value: Value,
): z.ZodRecord<Key, Value> {
  const made = new KeepingRecord({ type: 'record', keyType: key, valueType: value })
  return made as unknown as z.ZodRecord<Key, Value> // a record of what it is given
}

const dropped = '__proto__'

// How zod has kinds of schema added; what schemas do stands under `_zod`.
const KeepingRecord: z.core.$constructor<z.ZodRecord> = z.core.$constructor('PinyonRecord', (schema, definition) => {
  z.ZodRecord.init(schema, definition)
  const { _zod: inner } = schema
  const { _zod: ofValue } = definition.valueType
  const parseOthers = inner.parse.bind(inner)
  inner.parse = (payload, context) => {
    const input: unknown = payload.value
    const parsed = parseOthers(payload, context)
    if (parsed instanceof Promise) throw new z.core.$ZodAsyncError()
    if (typeof input !== 'object' || input === null || !Object.hasOwn(input, dropped)) return parsed
    const read = ofValue.run({ value: Reflect.get(input, dropped), issues: [] }, context)
    if (read instanceof Promise) throw new z.core.$ZodAsyncError()
    parsed.issues.push(...z.core.util.prefixIssues(dropped, read.issues))
    // Defined and not set: that would change what the object is made of.
    const property = { value: read.value, enumerable: true, configurable: true, writable: true }
    if (typeof parsed.value === 'object' && parsed.value !== null)
      Object.defineProperty(parsed.value, dropped, property)
    return parsed
  }
})
