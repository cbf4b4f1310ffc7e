import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { expect, it, onTestFinished, vi } from 'vitest'
import { listKuboPins } from './kubo-rpc.ts'

it('says that Kubo took the request and does not answer, and goes on when it does', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
  onTestFinished(() => void vi.useRealTimers())
  const asked = Promise.withResolvers<ServerResponse>()
  const server = createServer((_, response) => asked.resolve(response)).listen(0, '127.0.0.1')
  onTestFinished(() => void server.close())
  await once(server, 'listening')
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}` // of a server on TCP
  const told: string[] = []
  const onWait = (words: string) => void told.push(words)
  const list = listKuboPins({ url, headers: {}, signal: AbortSignal.any([]), onWait })
  const first = list.next()
  const response = await asked.promise
  vi.advanceTimersByTime(9_999)
  expect(told).toEqual([])
  vi.advanceTimersByTime(20_000)
  expect(told).toEqual(['Kubo has not answered for 10 s. It is waited for.'])
  response.end('{"Cid":"bafyone","Name":"one","Type":"recursive"}\n')
  expect(await first).toEqual({ done: false, value: { cid: 'bafyone', name: 'one' } })
  expect((await list.next()).done).toBe(true)
})
