import { collectBytes, importSample } from '../../src/ipfs/sample-dags.ts'
import { writeCar } from '../../src/ipfs/write-car.ts'
import { type Answered, type Ask, type KeyValues, sendRequest } from './app.ts'
import { freshBytes, metadataOf } from './tus.ts'

const mib = 1024 * 1024

/** Where uploads race for room. */
export interface QuotaRace {
  readonly key: KeyValues
  /** Bytes of each upload. */
  readonly size: number
  /** Content of that size which is here already, so that a pin by CID is charged at once. */
  readonly pinned: readonly string[]
  /** The address of the API that the next request goes to. */
  readonly apiUrl: () => string
}

/** Six ways in for each CID of `pinned`: form, TUS, CAR, form and TUS by link, pin by CID. Each resolves with its status. */
export function quotaWays({ key, size, pinned, apiUrl }: QuotaRace): (() => Promise<number>)[] {
  const ask = (method: string, path: string, more: Ask): Promise<Answered> =>
    sendRequest(`${apiUrl()}${path}`, method, { key, ...more })
  /** By the process whose turn it is, whoever signed. */
  const atNext = (address: string) => `${apiUrl()}${address.slice(new URL(address).origin.length)}`
  const byLink = async (send: (link: string) => Promise<number>) => {
    const signed = await ask('POST', '/v3/files/sign', { json: { expires: 600, network: 'public' } })
    return signed.status === 200 ? send(atNext(signed.body.data)) : signed.status
  }
  const sendForm = async (address: string, asker: KeyValues | undefined, bytes: Buffer, isCar = false) => {
    const form = new FormData()
    if (isCar) form.append('car', 'true')
    form.append('network', 'public')
    form.append('file', new Blob([new Uint8Array(bytes)]), isCar ? 'a.car' : 'a.bin')
    return (await sendRequest(address, 'POST', { form, ...(asker === undefined ? {} : { key: asker }) })).status
  }
  const sendChunks = async (address: string, asker: KeyValues | undefined) => {
    const begins = { 'upload-length': String(size), 'upload-metadata': metadataOf({ network: 'public' }) }
    const as = asker === undefined ? {} : { key: asker }
    const made = await sendRequest(address, 'POST', { headers: begins, ...as })
    if (made.status !== 201) return made.status
    let status = 0
    for (let offset = 0; offset < size; offset += mib) {
      const headers = { 'content-type': 'application/offset+octet-stream', 'upload-offset': String(offset) }
      const body = new Uint8Array(freshBytes(Math.min(mib, size - offset)))
      status = (await sendRequest(atNext(String(made.headers.get('location'))), 'PATCH', { headers, body, ...as }))
        .status
    }
    return status === 204 ? 200 : status
  }
  const sendCar = async () => {
    const chunks = { chunkBytes: mib / 4, links: 174 }
    const { root, blocks } = await importSample([{ path: 'f', content: freshBytes(size) }], chunks)
    const car = await collectBytes(writeCar(blocks, root, { scope: 'all' }))
    return sendForm(`${apiUrl()}/v3/files`, key, car, true)
  }
  return pinned.flatMap((cid) => [
    () => sendForm(`${apiUrl()}/v3/files`, key, freshBytes(size)),
    () => sendChunks(`${apiUrl()}/v3/files`, key),
    sendCar,
    () => byLink((link) => sendForm(link, undefined, freshBytes(size))),
    () => byLink((link) => sendChunks(link, undefined)),
    async () => (await ask('POST', '/pinning/pinByHash', { json: { hashToPin: cid } })).status,
  ])
}
