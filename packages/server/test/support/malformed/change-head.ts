import { fieldsOf } from '../fill-route.ts'
import type { Route } from '@pinyon/contract/route.ts'
import type { Chance } from './chance.ts'
import { oddJson, oddText } from './odd.ts'
import type { RequestShape } from './request-shape.ts'

/** Makes one thing of a request wrong. Answers what it did; undefined where the request has no such thing. */
export type Change = (chance: Chance, request: RequestShape, row: Route | undefined) => string | undefined

const names = ['limit', 'pageLimit', 'pageToken', 'order', 'name', 'cid', 'status', 'metadata[name]', 'metadata[keyvalues]', 'keyvalues[k]', '__proto__', 'constructor[prototype][x]', 'after', 'format', 'dag-scope', 'entity-bytes'] // prettier-ignore

/** Header values are latin1 without controls where the head shall stay readable. */
function headerText(chance: Chance): string {
  return oddText(chance).replaceAll(/[^\t\u0020-\u007e\u0080-\u00ff]/g, '?')
}

/** A parameter of the query: of the row or any, once or twice, with anything in it. */
export const changeQuery: Change = (chance, request, row) => {
  const fields = row === undefined ? names : [...fieldsOf(row.query), ...names]
  const pairs = Array.from({ length: 1 + chance.below(3) }, () => {
    const value = chance.isOnce(0.3) ? oddJson(chance).slice(0, 3_000) : oddText(chance)
    const encoded = chance.isOnce(0.1)
      ? chance.of(['%', '%zz', '%ff', '%c0%af', '%ed%a0%80'])
      : encodeURIComponent(value.toWellFormed())
    return `${chance.of(fields)}${chance.of(['', '', '', '[]', '[a]', '[__proto__]'])}=${encoded}`
  })
  request.target += `${request.target.includes('?') ? '&' : '?'}${pairs.join('&').slice(0, 12_000)}`
  return 'query'
}

const segments = ['..', '.', '%2e%2e', '..%2f..%2fetc%2fpasswd', '%2f', 'a%2fb', '%5c', '%00', '%', '%zz', '%ff', '%0d%0ax-evil:1', '__proto__', 'constructor', '*', '%20', 'a'.repeat(201), 'a'.repeat(5_000), '%e2%80%ae', ':id', '-1', '', '/', ';', 'bafkqaaa', 'BAFKQAAA', `1${'1'.repeat(150)}`] // prettier-ignore

/** A segment of the path. The row may be another one, or none, then. */
export const changePath: Change = (chance, request) => {
  const [path = '', query] = request.target.split('?', 2)
  const parts = path.split('/')
  const at = 1 + chance.below(parts.length - 1)
  if (chance.isOnce(0.7)) parts[at] = chance.of(segments)
  else parts.splice(at, 0, chance.of(segments))
  request.target = parts.join('/') + (query === undefined ? '' : `?${query}`)
  return 'path'
}

const jwtHeads = ['{"alg":"none"}', '{"alg":"HS256"}', '{"alg":"RS256","crit":["x"]}', 'null', '[]', '1', '{"alg":"RS256","kid":"../../x"}', '{"alg":"RS256","jwk":{}}'] // prettier-ignore

/** The credential: another, a broken one, two of them, or none. */
export const changeCredential: Change = (chance, request) => {
  const good = request.headers.find(([name]) => name === 'Authorization')?.[1]?.slice(7) ?? 'a.b.c'
  const [head = '', payload = '', signature = ''] = good.split('.')
  const encode = (text: string) => Buffer.from(text).toString('base64url')
  const token = chance.of([
    () => `${encode(chance.of(jwtHeads))}.${payload}.${signature}`,
    () => `${head}.${encode(oddJson(chance).slice(0, 2_000))}.${signature}`,
    () => `${head}.${payload}.`,
    () => `${head}.${payload}.${signature}=`,
    () => `${head}.${payload}.${signature.slice(0, -1)}`,
    () => good.repeat(3).slice(0, 6_000),
    () => '.'.repeat(chance.below(2_000)),
    () => headerText(chance),
    () => 'pnk_AAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  ])()
  request.headers = request.headers.filter(([name]) => !/authorization|pinata|cookie/i.test(name))
  const scheme = chance.of(['Bearer ', 'bearer ', 'Basic ', '', 'Bearer  ', 'Bearer\t', 'Digest '])
  const added: [string, string][] = chance.of([
    [['Authorization', scheme + token]],
    [['pinata_api_key', token], ['pinata_secret_api_key', headerText(chance)]],
    [['Authorization', `Bearer ${good}`], ['pinata_api_key', headerText(chance)]],
    [['Authorization', `Bearer ${good}`], ['Authorization', `Bearer ${token}`]],
    [['Cookie', `__Host-pinyon=${token}; pinyon_session=${token}`], ['Sec-Fetch-Site', 'same-origin']],
    [],
  ]) // prettier-ignore
  request.headers.push(...added)
  return 'credential'
}

const known = ['Accept', 'Accept-Encoding', 'Content-Encoding', 'Content-Type', 'Range', 'If-None-Match', 'If-Modified-Since', 'If-Range', 'Expect', 'Origin', 'Referer', 'Cookie', 'User-Agent', 'X-Forwarded-For', 'X-Forwarded-Proto', 'Forwarded', 'X-Forwarded-Host', 'X-HTTP-Method-Override', 'Idempotency-Key', 'Last-Event-ID', 'Upload-Offset', 'Upload-Length', 'Upload-Metadata', 'Upload-Checksum', 'Upload-Concat', 'Upload-Defer-Length', 'Tus-Resumable', 'X-Request-Id', 'Access-Control-Request-Method', 'Sec-Fetch-Site', 'Upgrade', 'HTTP2-Settings', 'TE', 'Trailer', '__proto__', 'constructor'] // prettier-ignore
const values = ['gzip', 'br', 'identity, gzip', 'deflate', 'bytes=0-0', 'bytes=-1', 'bytes=5-2', 'bytes=0-1,3-4,5-6', 'bytes=99999999999999999999-', '"x"', 'W/"', '*', '100-continue', 'null', 'http://evil.example', '1.2.3.4, ::1', 'DELETE', '1.0.0', '0.2.2', 'sha1 xxx', 'final;/a /b', '1', '-1', 'multipart/form-data', 'multipart/form-data; boundary=', 'application/json; charset=utf-16', 'application/vnd.ipld.car; version=2; order=x; dups=?', 'h2c', 'websocket', 'x'.repeat(7_000)] // prettier-ignore

/** One header with what it should not hold, or many of them. */
export const changeHeader: Change = (chance, request) => {
  const count = chance.isOnce(0.05) ? 400 : 1 + chance.below(3)
  for (let i = 0; i < count; i++) {
    const name = chance.of(known)
    const value = chance.isOnce(0.7) ? chance.of(values) : headerText(chance)
    if (chance.isOnce(0.5))
      request.headers = request.headers.filter(([one]) => one.toLowerCase() !== name.toLowerCase())
    request.headers.push([name, value])
    // It has the server wait for the method's answer, which this client never hears.
    if (name === 'Upgrade') request.headers.push(['Connection', 'upgrade'])
  }
  return 'header'
}
