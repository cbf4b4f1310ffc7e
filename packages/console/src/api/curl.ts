import type { Route } from '@pinyon/contract/route.ts'

interface CurlInput {
  readonly params?: Readonly<Record<string, string>>
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>>
  readonly body?: unknown
  /** Form fields in their order; a value that begins with `@` is a file. */
  readonly form?: readonly (readonly [name: string, value: string])[]
}

/** A row of the API as a cURL command: this server's own host, and a place for the key. */
export function toCurl(
  row: Pick<Route, 'method' | 'path'>,
  { params = {}, query = {}, body, form }: CurlInput = {},
): string {
  const path = row.path.replace(/:(\w+)/g, (_whole, name: string) => encodeURIComponent(params[name] ?? `{${name}}`))
  const pairs = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const text = pairs.map(([name, value]) => `${name}=${encodeURIComponent(String(value))}`).join('&')
  const lines = [
    `curl ${row.method === 'GET' ? '' : `-X ${row.method} `}${quote(`${location.origin}${path}${text === '' ? '' : `?${text}`}`)}`,
    `-H "Authorization: Bearer $PINYON_JWT"`,
  ]
  if (body !== undefined) lines.push(`-H 'Content-Type: application/json'`, `-d ${quote(formatJson(body))}`)
  for (const [name, value] of form ?? []) lines.push(`-F ${quote(`${name}=${value}`)}`)
  return lines.join(' \\\n  ')
}

/** On one line where it fits beside the page, else as people write it. */
function formatJson(body: unknown): string {
  const line = JSON.stringify(body)
  return line.length <= 60 ? line : JSON.stringify(body, undefined, 2)
}

/** For POSIX shells: nothing inside single quotes means anything, and one itself is written outside them. */
function quote(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
