import { randomBytes, randomInt } from 'node:crypto'
import { request } from 'node:http'
import { setTimeout } from 'node:timers/promises'

/** Where the load goes. */
export interface SoakTarget {
  readonly api: string
  readonly gateway: string
  readonly headers: Readonly<Record<string, string>>
}

interface Held {
  readonly id: string
  readonly cid: string
  readonly network: 'public' | 'private'
  readonly bytes: number
}

/** Files that are there at once: what comes beyond takes the place of an older one, so the store does not grow. */
const maxHeld = 150
const maxChunk = 4 * 1024 * 1024

/** Does what clients do, in turn and by chance, until it is stopped; what was not answered as it should is counted. */
export class SoakLoad {
  readonly #target: SoakTarget
  readonly #held: Held[] = []
  /** Some contents come again and again, so that blocks are shared. */
  readonly #known = Array.from({ length: 20 }, (_, i) => randomBytes(1_000 * (i + 1) * (i + 1)))
  requests = 0
  /** Reads that were cut off because what they read was deleted meanwhile: as it should be. */
  cut = 0
  readonly failures = new Map<string, number>()

  constructor(target: SoakTarget) {
    this.#target = target
  }

  /** One client, with a rest of about so long between two actions, asked for each time. */
  async run(signal: AbortSignal, restMs: () => number): Promise<void> {
    const weights = {
      upload: 5,
      read: 3,
      chunks: 2,
      json: 1,
      byCid: 1,
      list: 1,
      link: 1,
      keys: 1,
      breakOff: 1,
    } as const
    const names = Object.entries(weights).flatMap(([name, weight]) => Array.from({ length: weight }, () => name))
    const actions: Record<string, () => Promise<void>> = {
      upload: () => this.#upload(),
      read: () => this.#read(),
      chunks: () => this.#uploadInChunks(),
      json: () => this.#pinJson(),
      byCid: () => this.#pinByCid(),
      list: () => this.#list(),
      link: () => this.#link(),
      keys: () => this.#keys(),
      breakOff: () => this.#breakOff(),
    }
    while (!signal.aborted) {
      const name = names[randomInt(names.length)]! // below the length
      try {
        await actions[name]?.()
        await this.#makeRoom()
      } catch (error) {
        const what = `${name}: ${error instanceof Error ? error.message : String(error)}`
        this.failures.set(what, (this.failures.get(what) ?? 0) + 1)
      }
      await setTimeout(randomInt(2 * restMs() + 1))
    }
  }

  async #upload(): Promise<void> {
    const network = this.#network()
    const bytes = this.#content(1_500_000)
    const form = new FormData()
    form.append('network', network)
    form.append('file', new Blob([bytes]), `soak ${this.requests}.bin`)
    const { data } = await this.#ask('POST', '/v3/files', { body: form })
    this.#hold({ id: data.id, cid: data.cid, network, bytes: bytes.length })
  }

  async #uploadInChunks(): Promise<void> {
    const network = this.#network()
    const bytes = this.#content(maxChunk)
    const named = { filename: 'chunks.bin', network }
    const metadata = Object.entries(named).map(([name, text]) => `${name} ${Buffer.from(text).toString('base64')}`)
    const begun = await this.#send(`${this.#target.api}/v3/files`, {
      method: 'POST',
      headers: {
        'tus-resumable': '1.0.0',
        'upload-length': String(bytes.length),
        'upload-metadata': metadata.join(','),
      },
    })
    const location = begun.headers.get('location')
    await begun.arrayBuffer()
    if (location === null) throw new Error(`began with ${begun.status}`)
    let cid: string | null = null
    for (let at = 0; at < bytes.length; at += maxChunk / 4) {
      const answer = await this.#send(location, {
        method: 'PATCH',
        headers: {
          'tus-resumable': '1.0.0',
          'content-type': 'application/offset+octet-stream',
          'upload-offset': String(at),
        },
        body: bytes.subarray(at, at + maxChunk / 4),
      })
      await answer.arrayBuffer()
      if (answer.status !== 204) throw new Error(`a chunk was answered ${answer.status}`)
      cid = answer.headers.get('upload-cid')
    }
    const id = new URL(location).pathname.split('/').at(-2)
    if (cid !== null && id !== undefined) this.#hold({ id, cid, network, bytes: bytes.length })
  }

  async #pinJson(): Promise<void> {
    const pinataContent = { at: this.requests, text: randomBytes(500).toString('hex') }
    const made = await this.#ask('POST', '/pinning/pinJSONToIPFS', { body: JSON.stringify({ pinataContent }) })
    await this.#ask('DELETE', `/pinning/unpin/${made.IpfsHash}`)
  }

  async #pinByCid(): Promise<void> {
    const shown = this.#held.find(({ network }) => network === 'public')
    if (shown === undefined) return
    const pin = await this.#ask('POST', '/psa/pins', { body: JSON.stringify({ cid: shown.cid, name: 'again' }) })
    await this.#ask('GET', '/psa/pins?limit=10&status=pinned')
    await this.#ask('DELETE', `/psa/pins/${pin.requestid}`)
  }

  async #list(): Promise<void> {
    await this.#ask('GET', '/v3/files/public?limit=50')
    await this.#ask('GET', '/v3/files/private?limit=50&name=soak')
    await this.#ask('GET', '/data/pinList?pageLimit=20')
    await this.#ask('GET', '/pinyon/v1/usage')
  }

  async #read(): Promise<void> {
    const file = this.#held[randomInt(this.#held.length + 1)]
    if (file === undefined) return
    const url =
      file.network === 'public'
        ? `${this.#target.gateway}/ipfs/${file.cid}`
        : `${this.#target.api}/pinyon/v1/files/${file.id}/content`
    const answer = await this.#send(url, {})
    const body = await answer.arrayBuffer().catch((error: unknown) => {
      if (!this.#isHeld(file)) return undefined
      throw new Error(`a ${file.network} file of ${file.bytes} bytes that is held was cut off`, { cause: error })
    })
    if (body === undefined) {
      this.cut++
      return
    }
    const { byteLength } = body
    // Another client may have deleted it meanwhile.
    if (answer.status === 404) return
    if (answer.status !== 200 || byteLength !== file.bytes) throw new Error(`${answer.status}, ${byteLength} bytes`)
  }

  async #link(): Promise<void> {
    const file = this.#held.find(({ network }) => network === 'private')
    if (file === undefined) return
    const url = `${this.#target.gateway}/files/${file.cid}`
    const body = JSON.stringify({ url, date: Math.floor(Date.now() / 1000), expires: 60, method: 'GET' })
    const { data } = await this.#ask('POST', '/v3/files/sign', { body })
    await (await fetch(data)).arrayBuffer()
    this.requests++
  }

  async #keys(): Promise<void> {
    const body = JSON.stringify({ keyName: 'soak', permissions: { admin: true }, maxUses: 2 })
    const key = await this.#ask('POST', '/v3/pinata/keys', { body })
    const asked = await fetch(`${this.#target.api}/v3/files/public?limit=1`, {
      headers: { authorization: `Bearer ${key.JWT}` },
    })
    await asked.arrayBuffer()
    await this.#ask('PUT', `/v3/pinata/keys/${key.pinata_api_key}`)
  }

  /** A client that goes away in mid-upload. */
  async #breakOff(): Promise<void> {
    const head = '--soak\r\nContent-Disposition: form-data; name="file"; filename="broken off"\r\n\r\n'
    const sending = request(`${this.#target.api}/v3/files`, {
      method: 'POST',
      headers: { ...this.#target.headers, 'content-type': 'multipart/form-data; boundary=soak' },
    })
    const ended = new Promise((resolve) => sending.on('error', resolve).on('close', resolve))
    sending.write(head)
    sending.write(randomBytes(1 + randomInt(1_000_000)), () => sending.destroy())
    await ended
    this.requests++
  }

  async #makeRoom(): Promise<void> {
    if (this.#held.length <= maxHeld) return
    const [oldest] = this.#held.splice(0, 1)
    if (oldest === undefined || this.#held.some(({ id }) => id === oldest.id)) return
    await this.#ask('DELETE', `/v3/files/${oldest.network}/${oldest.id}`)
  }

  /** Public content is read by its CID, which another file may keep; private content by the file. It is let go of before it is deleted. */
  #isHeld(file: Held): boolean {
    return this.#held.some(
      (one) => one.id === file.id || (file.network === 'public' && one.network === 'public' && one.cid === file.cid),
    )
  }

  #hold(file: Held): void {
    this.#held.push(file)
  }

  #network(): 'public' | 'private' {
    return randomInt(2) === 0 ? 'public' : 'private'
  }

  #content(most: number): Buffer<ArrayBuffer> {
    const known = this.#known[randomInt(this.#known.length * 4)]
    return Buffer.from(known ?? randomBytes(1 + randomInt(randomInt(1, most))))
  }

  // The shape of an answer is its route's; a wrong one fails where it is used.
  // oxlint-disable-next-line typescript/no-explicit-any
  async #ask(method: string, path: string, { body }: { body?: string | FormData } = {}): Promise<any> {
    const type = typeof body === 'string' ? { 'content-type': 'application/json' } : {}
    const answer = await this.#send(`${this.#target.api}${path}`, {
      method,
      headers: type,
      ...(body === undefined ? {} : { body }),
    })
    const text = await answer.text()
    if (method === 'DELETE' && answer.status === 404) return undefined
    if (!answer.ok) throw new Error(`${method} ${path.replace(/[\w-]{30,}/, '*')} answered ${answer.status}`)
    return text.startsWith('{') ? JSON.parse(text) : undefined
  }

  async #send(url: string, init: RequestInit): Promise<Response> {
    this.requests++
    return fetch(url, { ...init, headers: { ...this.#target.headers, ...(init.headers as Record<string, string>) } })
  }
}
