import { AppError } from '../lib/errors.ts'

/** https://specs.ipfs.tech/http-gateways/web-redirects-file/#max-file-size */
export const maxRedirectsBytes = 64 * 1024

/** One line of a `_redirects` file. */
export interface RedirectRule {
  readonly from: readonly string[]
  /** True when it ends in `*`: it matches whatever lies below. */
  readonly takesRest: boolean
  readonly to: string
  readonly status: number
}

/** What a rule says about a path: placeholders and their values, decoded. */
export interface MatchedRule {
  readonly rule: RedirectRule
  readonly values: ReadonlyMap<string, readonly string[]>
}

const statuses = new Set([200, 301, 302, 303, 307, 308, 404, 410, 451])

/**
 * Reads a `_redirects` file (https://specs.ipfs.tech/http-gateways/web-redirects-file/). Throws `redirects_invalid` at
 * the first line that is none, since guessing what was meant would send people elsewhere.
 */
export function readRedirects(text: string): RedirectRule[] {
  const rules: RedirectRule[] = []
  for (const [i, line] of text.split(/\r?\n/).entries()) {
    const trimmed = line.trim()
    if (trimmed !== '' && !trimmed.startsWith('#')) rules.push(readRule(trimmed, i + 1))
  }
  return rules
}

/** The refusal of a file that cannot be followed. */
export function cannotParse(why: string): AppError {
  return new AppError('redirects_invalid', `could not parse _redirects: ${why}`)
}

/** The first rule for a path of decoded segments. */
export function findRedirect(rules: readonly RedirectRule[], segments: readonly string[]): MatchedRule | undefined {
  for (const rule of rules) {
    const values = matchRule(rule, segments)
    if (values !== undefined) return { rule, values }
  }
  return undefined
}

/** The target with its placeholders filled in; `encode` is what is done to each segment that a placeholder brings. */
export function expandTarget({ rule, values }: MatchedRule, encode: (segment: string) => string): string {
  return rule.to.replace(/:([A-Za-z]\w*)/g, (written, name: string) => {
    const value = values.get(name)
    return value === undefined ? written : value.map((segment) => encode(segment)).join('/')
  })
}

function readRule(line: string, number: number): RedirectRule {
  const [from = '', to = '', statusText = '301', more] = line.split(/\s+/)
  if (to === '' || more !== undefined) throw cannotParse(`line ${number} is not "from to [status]"`)
  const status = /^\d{3}$/.test(statusText) ? Number(statusText) : 0
  if (!statuses.has(status))
    throw cannotParse(`line ${number}: status ${JSON.stringify(statusText.slice(0, 20))} is not supported`)
  if (!from.startsWith('/')) throw cannotParse(`line ${number}: "from" must begin with a slash`)
  const isPath = to.startsWith('/')
  const isRedirect = status >= 300 && status < 400
  if (!isPath && !(isRedirect && /^https?:\/\/[^\s/]/i.test(to))) {
    throw cannotParse(`line ${number}: "to" must be a path, or for a redirect an address with http:// or https://`)
  }
  // A page is looked for under its name; where a redirect leads is the affair of who follows it.
  if (isPath && !isRedirect && !isDecodable(to.replace(/[?#].*/, '')))
    throw cannotParse(`line ${number}: "to" has a percent sign that is no escape`)
  const pieces = from
    .slice(1)
    .split('/')
    .filter((piece) => piece !== '')
  const takesRest = pieces.at(-1) === '*'
  if (takesRest) pieces.pop()
  if (pieces.some((piece) => piece.includes('*'))) throw cannotParse(`line ${number}: * may stand only at the end`)
  const names = pieces.filter((piece) => piece.startsWith(':'))
  if (new Set(names).size < names.length) throw cannotParse(`line ${number}: the same placeholder stands there twice`)
  return { from: pieces.map((piece) => decodeLoosely(piece)), takesRest, to, status }
}

function matchRule({ from, takesRest }: RedirectRule, segments: readonly string[]): Map<string, string[]> | undefined {
  if (takesRest ? segments.length < from.length : segments.length !== from.length) return undefined
  const values = new Map<string, string[]>()
  for (const [i, piece] of from.entries()) {
    const segment = segments[i] ?? ''
    if (piece.startsWith(':')) values.set(piece.slice(1), [segment])
    else if (piece !== segment) return undefined
  }
  if (takesRest) values.set('splat', segments.slice(from.length))
  return values
}

function isDecodable(text: string): boolean {
  try {
    decodeURIComponent(text)
    return true
  } catch {
    return false // no escape, or none of UTF-8
  }
}

function decodeLoosely(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text // a percent sign that is none of an escape stands for itself
  }
}
