import type { Change } from './change-head.ts'
import { renderRequest } from './request-shape.ts'

const methods = ['GET', 'HEAD', 'PUT', 'PATCH', 'DELETE', 'POST', 'OPTIONS', 'TRACE', 'CONNECT', 'PROPFIND', 'PRI', 'get', 'G\0T', 'X'.repeat(300), '', 'QUERY'] // prettier-ignore
const targets = ['*', 'http://x/health/live', 'x:80', '//x/y', '/\u0000', '/a b', '?', '', '/' + 'a/'.repeat(8_000), 'http://[', '/%', '/..;/metrics', '\\'] // prettier-ignore
const versions = ['HTTP/1.0', 'HTTP/0.9', 'HTTP/2.0', 'HTTP/9.9', 'HTTP/1', 'http/1.1', '', 'HTTP/1.1 x', 'ICE/1.0']
const hosts = ['', 'a b', '@', 'x\tx', '[::1', 'a'.repeat(5_000), 'evil.example', '127.0.0.1:99999', 'x/y', '\u00ff']

/** Ways to leave open where one request ends and the next begins, or what its head says. */
export const frames: Readonly<Record<string, Change>> = {
  method: (chance, request) => ((request.method = chance.of(methods)), 'method'),
  target: (chance, request) => ((request.target = chance.of(targets)), 'target'),
  version: (chance, request) => ((request.version = chance.of(versions)), 'version'),
  host: (chance, request) => {
    request.headers = request.headers.filter(([name]) => name !== 'Host' || chance.isOnce(0.3))
    if (chance.isOnce(0.8)) request.headers.push(['Host', chance.of(hosts)])
    return 'host'
  },
  length: (chance, request) => {
    request.isFramed = false
    const { length } = request.body
    for (let i = 0; i <= chance.below(2); i++)
      request.headers.push([chance.of(['Content-Length', 'content-length', 'Content-Length ', ' Content-Length']), chance.of([String(length), String(length + 5), String(Math.max(0, length - 3)), '-1', '+4', '0x4', '4, 4', '9'.repeat(30), '', 'NaN', '1e3', '4;5'])]) // prettier-ignore
    return 'length'
  },
  coding: (chance, request) => {
    request.isFramed = chance.isOnce(0.3)
    request.headers.push([
      chance.of(['Transfer-Encoding', 'transfer-encoding', 'Transfer-Encoding\t', 'X: a\nTransfer-Encoding']),
      chance.of(['chunked', 'xchunked', 'chunked, identity', 'identity, chunked', 'gzip, chunked', '\u000bchunked', 'chunked\r\n x', '"chunked"', 'CHUNKED', 'chunked;q=1']), // prettier-ignore
    ])
    const chunk = `${request.body.length.toString(16)}\r\n`
    const start = chance.of([chunk, chunk, `${chunk.trim()};x=${'y'.repeat(chance.of([1, 20_000]))}\r\n`, 'zz\r\n', '-1\r\n', '\r\n', '0\r\n\r\n', 'ffffffffffffffff\r\n', '5\n']) // prettier-ignore
    const end = chance.of([
      '\r\n0\r\n\r\n',
      '\r\n0\r\n\r\n',
      '0\r\n\r\n',
      '\r\n0\r\nX: y\r\n\r\n',
      '\r\n0\r\nContent-Length: 5\r\n\r\n',
      '\r\n',
    ])
    request.body = Buffer.concat([Buffer.from(start), request.body, Buffer.from(end)])
    return 'coding'
  },
  header: (chance, request) => {
    const odd: [string, string] = chance.of([
      ['X', 'a\0b'],
      ['X', 'a\rb'],
      ['X', 'a\n b'],
      ['X y', 'z'],
      ['', 'z'],
      ['X\u00e9', 'z'],
      ['X', 'z'.repeat(40_000)],
      ['X:', ':'],
      ['(X)', 'z'],
      ['X', '\u007f\u0001'],
    ])
    const count = odd[1].length === 1 && chance.isOnce(0.3) ? 3_000 : 1
    for (let i = 0; i < count; i++) request.headers.splice(chance.below(request.headers.length + 1), 0, odd)
    return 'head line'
  },
  second: (chance, request) => {
    // What follows is another request to a server that reads the first one short.
    const more = renderRequest({ ...request, headers: [...request.headers], isFramed: true })
    request.isFramed = chance.isOnce(0.5)
    if (!request.isFramed) request.headers.push(['Content-Length', String(request.body.length)])
    request.headers = request.headers.filter(([name]) => name !== 'Connection')
    request.body = Buffer.concat([
      request.body,
      chance.of([more, Buffer.from('GET / HTTP/1.1\r\n\r\n'), Buffer.from('\r\n\r\n')]),
    ])
    return 'second request'
  },
}
