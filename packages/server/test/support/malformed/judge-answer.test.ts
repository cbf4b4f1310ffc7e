import { describe, expect, it } from 'vitest'
import { judgeAnswer } from './judge-answer.ts'

describe('judgeAnswer', () => {
  const judge = (request: string, answer: string) =>
    judgeAnswer(
      { title: 'one', row: undefined, bytes: Buffer.from(request), reachesRow: false, leaving: 'waits' },
      { bytes: Buffer.from(answer), end: 'closed' },
    )
  const fault = (body: string) => `HTTP/1.1 500 Internal Server Error\r\nx: y\r\n\r\n${body}`

  it('lets a 500 pass for a name that leads nowhere, and for nothing else', () => {
    expect(judge('GET /ipns/k51 HTTP/1.1\r\n\r\n', fault('k51 leads nowhere: no record.'))).toBeUndefined()
    expect(judge('HEAD /ipns/k51 HTTP/1.1\r\n\r\n', fault(''))).toBeUndefined()
    expect(judge('GET /ipns/k51 HTTP/1.1\r\n\r\n', fault('Something went wrong here.'))).toMatch(/^500/)
    expect(judge('GET /ipns/k51 HTTP/1.1\r\n\r\n', fault(''))).toMatch(/^500/)
    expect(judge('HEAD /ipfs/bafy HTTP/1.1\r\n\r\n', fault(''))).toMatch(/^500/)
    expect(judge('GET /ipfs/bafy HTTP/1.1\r\n\r\n', fault('x leads nowhere: y.'))).toMatch(/^500/)
    expect(judge('GET /ipns/k51 HTTP/1.1\r\n\r\n', 'HTTP/1.1 503 x\r\n\r\nk51 leads nowhere')).toMatch(/^503/)
  })
})
