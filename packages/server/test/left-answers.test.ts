import { Readable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { routes } from '@pinyon/contract/routes.ts'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { doors } from '../src/api/doors.ts'
import { answer, door } from '../src/http/door.ts'
import { listenApi } from '../src/http/server.ts'
import { startTestApp, type KeyValues, type TestApp } from './support/app.ts'
import { rawConnect } from './support/raw-http.ts'

describe('a client that leaves before the first piece of an answer', () => {
  let app: TestApp
  let key: KeyValues
  beforeAll(async () => {
    app = await startTestApp()
    key = await app.setUp()
  })
  afterAll(() => app.close())

  it('is no fault of ours', async () => {
    const { services } = app
    const asked = Promise.withResolvers<void>()
    const more = Promise.withResolvers<void>()
    async function* texts() {
      asked.resolve()
      await more.promise
      yield 'too late'
    }
    const body = Readable.from(texts(), { objectMode: false })
    const late = door(routes.auditExport, () => answer(200, body, {}))
    const api = await listenApi(services, [...doors.filter(({ route }) => route.id !== late.route.id), late])
    try {
      // A request whose body was taken is not aborted for Node when its client leaves.
      const { socket } = await rawConnect(`http://127.0.0.1:${api.port}`)
      socket.write(
        `GET ${routes.auditExport.path} HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nContent-Type: application/json\r\nAuthorization: Bearer ${key.JWT}\r\n\r\n[123]`,
      )
      await asked.promise
      socket.destroy()
      const left = async () => {
        const { values } = await services.metrics.requests.get()
        const leftBy = ({ route, status }: Record<string, unknown>) => route === 'auditExport' && status === '499'
        return values.find(({ labels }) => leftBy(labels))?.value
      }
      await expect.poll(left, { timeout: 60_000 }).toBe(1)
      const closed = finished(body)
      more.resolve()
      await expect(closed).rejects.toMatchObject({ code: 'ERR_STREAM_PREMATURE_CLOSE' })
      expect((await services.metrics.internalErrors.get()).values[0]?.value ?? 0).toBe(0)
    } finally {
      more.resolve()
      await api.close(0)
    }
  })
})
