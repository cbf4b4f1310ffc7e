import { afterEach, describe, expect, it } from 'vitest'
import type { KeyValues } from './support/app.ts'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'
import { openReceiver, type Receiver } from './support/webhook-receiver.ts'

describe('webhooks over three processes', () => {
  let installation: Installation | undefined
  let receiver: Receiver | undefined
  afterEach(async () => {
    await installation?.close()
    await receiver?.close()
  })

  const idsOf = ({ received }: Receiver) =>
    new Set(received.map(({ body }) => JSON.parse(body).data.object.id as string))

  it(
    'get every event, whichever process it came from, and though one is killed while it delivers',
    { timeout: 240_000 },
    async () => {
      const open = (receiver = await openReceiver())
      const place = (installation = await makeInstallation())
      const env = { PINYON_DIAL_PRIVATE: '127.0.0.1' }
      const first = await place.start(['api'], env)
      const second = await place.start(['api', 'worker'], env)
      const third = await place.start(['api', 'worker'], env)
      const processes = [first, second, third]
      const key = await place.setUp(first)
      const json = { url: open.url, kinds: ['ipfs.public.file_added'] }
      expect((await second.ask('POST', '/pinyon/v1/webhooks', { key, json })).status).toBe(200)
      const uploads = async (to: readonly Process[], name: string, count: number) => {
        const ids: string[] = []
        for (let i = 0; i < count; i++) ids.push(await upload(to[i % to.length]!, key, `${name} ${i}`))
        return ids
      }
      const before = await uploads(processes, 'before', 12)
      await expect.poll(() => idsOf(open), { timeout: 60_000 }).toEqual(new Set(before))
      expect(open.received).toHaveLength(before.length)

      // The one that delivers is killed before it is answered; one that comes then sends its messages again.
      await third.stop()
      const answers: (() => void)[] = []
      open.answer = () => new Promise((resolve) => answers.push(() => resolve(200)))
      const during = await uploads([first, second], 'during', 6)
      await expect.poll(() => answers.length, { timeout: 60_000 }).toBeGreaterThan(0)
      await second.kill()
      open.answer = 200
      for (const answer of answers) answer()
      const fourth = await place.start(['api', 'worker'], env)
      const after = await uploads([first, fourth], 'after', 6)
      const all = new Set([...before, ...during, ...after])
      await expect.poll(() => idsOf(open).size, { timeout: 150_000 }).toBe(all.size)
      expect(idsOf(open)).toEqual(all)
      // Again, as nobody could know that it had come: under the id it had.
      const ofDuring = open.received.filter(({ body }) => during.includes(JSON.parse(body).data.object.id))
      const names = new Map(
        ofDuring.map(({ body, headers }) => [JSON.parse(body).data.object.id, headers['webhook-id']]),
      )
      for (const { body, headers } of ofDuring)
        expect(headers['webhook-id']).toBe(names.get(JSON.parse(body).data.object.id))
      const states = async () => {
        const { body } = await first.ask('GET', '/pinyon/v1/webhooks', { key })
        const path = `/pinyon/v1/webhooks/${body.webhooks[0].id}/deliveries?limit=100`
        const { deliveries } = (await first.ask('GET', path, { key })).body
        return deliveries.filter(({ state }: { state: string }) => state === 'delivered').length as number
      }
      await expect.poll(states, { timeout: 60_000 }).toBe(all.size)
    },
  )
})

async function upload(to: Process, key: KeyValues, text: string): Promise<string> {
  const form = new FormData()
  form.append('network', 'public')
  form.append('file', new Blob([text]), 'a.txt')
  const { status, body } = await to.ask('POST', '/v3/files', { key, form })
  if (status !== 200) throw new Error(`the upload answered ${status}`)
  return body.data.id
}
