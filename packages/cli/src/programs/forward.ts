import { Agent as PlainAgent, request as plainRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { Agent as SecureAgent, request as secureRequest } from 'node:https'
import { pipeline } from 'node:stream'

/** Where one request goes, and what is said of it. */
export interface Passage {
  /** Origin that is asked. */
  readonly origin: string
  readonly path: string
  /** In addresses that the answer leads to, the origin asked becomes this one: the program knows no other. */
  readonly shownOrigin?: string
}

/** Headers that belong to one connection (RFC 9110 section 7.6.1), and what Node says by itself. */
const ownHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-connection',
  'proxy-authorization',
  'expect',
  'upgrade',
  'host',
  'te',
])
const ownAnswerHeaders = new Set(['connection', 'keep-alive', 'transfer-encoding', 'proxy-authenticate', 'upgrade'])

const agents = { http: new PlainAgent({ keepAlive: true }), https: new SecureAgent({ keepAlive: true }) }

/** Sends a request on and its answer back, both as they come. Answers 502 in words when nobody is there. */
export function forward(request: IncomingMessage, response: ServerResponse, passage: Passage): void {
  const { origin, path, shownOrigin } = passage
  const isSecure = origin.startsWith('https:')
  const { hostname, port, host } = new URL(origin)
  const outgoing = (isSecure ? secureRequest : plainRequest)({
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: port === '' ? (isSecure ? 443 : 80) : Number(port),
    method: request.method,
    path,
    headers: [...keep(request.rawHeaders, ownHeaders), 'Host', host],
    agent: isSecure ? agents.https : agents.http,
  })
  outgoing.on('response', (answer) => {
    const headers = keep(answer.rawHeaders, ownAnswerHeaders)
    response.writeHead(
      answer.statusCode ?? 502,
      answer.statusMessage,
      shownOrigin === undefined ? headers : showOrigin(headers, origin, shownOrigin),
    )
    pipeline(answer, response, () => undefined) // a broken connection on one side is shown on the other
  })
  outgoing.on('error', (error: NodeJS.ErrnoException) => {
    if (response.headersSent) response.destroy()
    else refuse(response, 502, `${origin} does not answer (${error.code ?? error.message}).`)
  })
  response.on('close', () => {
    if (!response.writableFinished) outgoing.destroy()
  })
  // Not by pipeline: an answer that comes before the end of the body must not be lost with it.
  request.pipe(outgoing)
  request.on('error', () => outgoing.destroy())
}

/** What this proxy itself has to say, in a form that programs for Pinata read. */
export function refuse(response: ServerResponse, status: number, message: string): void {
  const body = JSON.stringify({ error: { code: status, reason: 'PINYON_RUN', message, details: message } })
  response
    .writeHead(status, { 'content-type': 'application/json; charset=utf-8', connection: 'close' })
    .end(`${body}\n`)
}

function keep(raw: readonly string[], left: ReadonlySet<string>): string[] {
  return raw.flatMap((name, at) => (at % 2 === 0 && !left.has(name.toLowerCase()) ? [name, raw[at + 1] ?? ''] : []))
}

function showOrigin(raw: string[], origin: string, shownOrigin: string): string[] {
  return raw.map((value, at) =>
    at % 2 === 1 && raw[at - 1]?.toLowerCase() === 'location' && value.startsWith(`${origin}/`)
      ? shownOrigin + value.slice(origin.length)
      : value,
  )
}
