import { formatBytes } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'

/** What a line of the audit log tells besides who, what and to whom, as names and texts. Nothing empty stands there. */
export function readDetail(detail: unknown): readonly { readonly name: string; readonly value: string }[] {
  if (typeof detail !== 'object' || detail === null) return []
  return Object.entries(detail).flatMap(([name, value]: [string, unknown]) => {
    const text = textOf(name, value)
    return text === '' ? [] : [{ name, value: text }]
  })
}

function textOf(name: string, value: unknown): string {
  // Of what was changed, only a quota is a number, and nothing means that there is none.
  const isChange = name === 'from' || name === 'to'
  if (value === null || value === undefined) return isChange ? 'none' : ''
  if (typeof value === 'number' && (isChange || /bytes$/i.test(name))) return formatBytes(value)
  // Times are written as the database keeps them.
  if (typeof value === 'number' && /at$/i.test(name)) return formatDayAndTime(new Date(value).toISOString())
  if (name === 'permissions') return namesIn(value).join(', ')
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** What is granted by permissions, by the API's names: `admin`, `org:files:read`, `files.upload`. */
function namesIn(value: unknown, path: readonly string[] = []): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap((each: unknown) => namesIn(each))
  if (typeof value !== 'object' || value === null) return value === true ? [path.join('.')] : []
  return Object.entries(value).flatMap(([name, each]: [string, unknown]) =>
    namesIn(each, name === 'endpoints' ? [] : [...path, name]),
  )
}
