import { dialectOfPath } from '../../../src/http/errors.ts'
import type { Malformed } from './request-shape.ts'
import type { WireAnswer } from './send-malformed.ts'

/** What a server may answer with 5xx to what is malformed: that it has no such thing, or not in time. */
const documented = new Set([501, 504])

/** What is wrong with an answer to a malformed request, in words; undefined: nothing. */
export function judgeAnswer(sent: Malformed, { bytes, end }: WireAnswer): string | undefined {
  if (end === 'hangs') return `hangs after ${bytes.length} bytes of answer`
  const text = bytes.toString('latin1')
  // An answer may hold what looks like a head only in a body, which follows the first one.
  const statuses = [...text.matchAll(/^HTTP\/1\.1 (\d{3}) /gm)].map(([, status]) => Number(status))
  const fault = statuses.find((status) => status >= 500 && !documented.has(status))
  if (fault !== undefined && !saysNameLeadsNowhere(sent, text)) return `${fault}: ${text.slice(0, 600)}`
  if (!sent.reachesRow || sent.row === undefined) return undefined
  const final = statuses.find((status) => status >= 200)
  if (final === undefined) return `no answer (${end})`
  if (final < 400) return undefined
  return ofRefusal(sent, final, text)
}

/**
 * Whether an answer is the 500 that the path gateway specification gives to an IPNS name that cannot be resolved
 * (https://specs.ipfs.tech/http-gateways/path-gateway/#500-internal-server-error): of a request for a name, in the words for that.
 */
export function saysNameLeadsNowhere({ row, bytes }: Pick<Malformed, 'row' | 'bytes'>, text: string): boolean {
  if (row !== undefined || !bytes.includes('/ipns/')) return false
  const answers = text.split(/^(?=HTTP\/1\.1 \d{3} )/m).filter((one) => one.startsWith('HTTP/1.1 5'))
  const isOne = (answer: string) => {
    const body = answer.slice(answer.indexOf('\r\n\r\n') + 4)
    const isSaid = /leads nowhere|DNS did not answer|took too long|record of this IPNS name/.test(body)
    return answer.startsWith('HTTP/1.1 500 ') && (isSaid || (body === '' && bytes.includes('HEAD ')))
  }
  return answers.length > 0 && answers.every(isOne)
}

function ofRefusal({ row }: Malformed, status: number, text: string): string | undefined {
  // What tells a client to go on is no answer yet.
  const at = text.indexOf('\r\n\r\n', text.startsWith('HTTP/1.1 100 ') ? 25 : 0)
  let body: { error?: unknown }
  try {
    body = JSON.parse(text.slice(at + 4)) as typeof body // looked into below
  } catch {
    return `no JSON: ${text.slice(0, 600)}`
  }
  const { error } = body
  const dialect = row?.dialect ?? dialectOfPath('/')
  if (dialect === 'legacy' && typeof error === 'string') return undefined
  if (typeof error !== 'object' || error === null) return `no error: ${text.slice(-300)}`
  const { reason, code, message, details } = error as Record<string, unknown>
  const words = dialect === 'v3' ? message : details
  // Refused before the row was found: the framework's own words, in the shape of v3.
  const isOfHead = [400, 408, 413, 431].includes(status) && /connection: close/i.test(text.slice(0, at))
  if (typeof reason !== 'string' || (typeof words !== 'string' && !(isOfHead && typeof message === 'string')))
    return `not the dialect of ${dialect}: ${text.slice(-300)}`
  if (dialect === 'v3' && code !== status) return `another code: ${text.slice(-300)}`
  if (/node:internal|\/src\/|\.ts:\d|SQLITE_|\bselect\b .* from/i.test(text))
    return `shows our inside: ${text.slice(-300)}`
  return undefined
}
