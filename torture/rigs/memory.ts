import { createHash, randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { request } from 'node:http'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { Rig, RigContext, RigResult } from '../rig.ts'
import { makeMemoryGroup, missingMemoryGroup } from '../support/memory-group.ts'
import { ServerEnded, startWatchedServer, type WatchedServer } from '../support/watched-server.ts'

const mebibyte = 1024 * 1024
const limitBytes = 512 * mebibyte
const boundary = 'boundary-of-the-rig'

/** F69: large uploads, downloads and imports at once in little memory. */
export const memory: Rig = {
  name: 'memory',
  proves:
    'an upload, a download and the import of a CAR, each larger than all memory (in the long profile several times), run at once in 512 MiB (F69)',
  needs: [{ name: 'a control group', missing: missingMemoryGroup }],
  run: (context) => squeeze(context, context.rounds ?? (context.profile === 'long' ? 4_096 : 768)),
  control: {
    does: 'a server that keeps every piece of a body',
    run: async (context) =>
      (await squeeze(context, 768, [join(import.meta.dirname, '../controls/keep-bodies.mjs')])).violations,
  },
}

async function squeeze(context: RigContext, sizeMib: number, imports: string[] = []): Promise<RigResult> {
  const group = makeMemoryGroup(limitBytes)
  const violations: string[] = []
  const server = await startWatchedServer(join(context.dir, 'data'), { imports, wrap: [...group.wrap] })
  try {
    const { JWT } = await server.setUp()
    // What is downloaded, and imported again as a CAR, was uploaded beforehand.
    const first = await upload(server, JWT, sizeMib)
    if (first.problem !== undefined) violations.push(`the first upload: ${first.problem}`)
    else {
      const began = performance.now()
      const [second, download, imported] = await Promise.all([
        upload(server, JWT, sizeMib),
        read(server, JWT, first),
        importCar(server, JWT, first),
      ])
      const seconds = (performance.now() - began) / 1000
      for (const [what, problem] of [
        ['the upload', second.problem],
        ['the download', download],
        ['the import', imported],
      ])
        // prettier-ignore
        if (problem !== undefined) violations.push(`${what}: ${problem}`)
      context.log(`three of ${sizeMib} MiB in ${seconds.toFixed(0)} s`)
    }
    const { rssBytes, heapBytes } = await server.watch()
    const code = await server.stop()
    if (code !== 0) violations.push(`the server ended with ${String(code)}`)
    return {
      points: 3,
      violations,
      figures: {
        'MiB each': sizeMib,
        'RSS afterwards, MiB': Math.round(rssBytes / mebibyte),
        'heap afterwards, MiB': Math.round(heapBytes / mebibyte),
        'peak of the group with page cache, MiB': Math.round((group.peakBytes() ?? 0) / mebibyte),
      },
    }
  } catch (error) {
    if (!(error instanceof ServerEnded)) throw error
    return { points: 3, violations: [...violations, error.message] }
  } finally {
    await server.stop()
    group.remove()
  }
}

interface Uploaded {
  readonly id: string
  readonly sha256: string
  readonly sizeBytes: number
  readonly problem?: string
}

/** Uploads that many MiB, no two of them the same. */
async function upload(server: WatchedServer, jwt: string, sizeMib: number): Promise<Uploaded> {
  const piece = randomBytes(mebibyte)
  const hash = createHash('sha256')
  const head = `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.bin"\r\n\r\n`
  const sizeBytes = sizeMib * mebibyte
  const sent = await sendForm(server, jwt, head, sizeBytes, async (write) => {
    for (let i = 0; i < sizeMib; i++) {
      piece.writeUInt32LE(i)
      hash.update(piece)
      await write(Buffer.from(piece))
    }
  })
  const { data } = (sent.status === 200 ? JSON.parse(sent.text) : {}) as { data?: { id: string; size: number } }
  const sha256 = hash.digest('hex')
  if (data === undefined) return { id: '', sha256, sizeBytes, problem: `${sent.status} ${sent.text.slice(0, 200)}` }
  return { id: data.id, sha256, sizeBytes, ...(data.size === sizeBytes ? {} : { problem: `kept ${data.size} bytes` }) }
}

/** Sends a form with one file of a known length. An end of the connection is told, not thrown. */
async function sendForm(
  { apiUrl }: WatchedServer,
  jwt: string,
  head: string,
  sizeBytes: number,
  body: (write: (piece: Uint8Array) => Promise<void>) => Promise<void>,
): Promise<{ status: number; text: string }> {
  const tail = `\r\n--${boundary}--\r\n`
  const sent = request(`${apiUrl}/v3/files`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${jwt}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': Buffer.byteLength(head) + sizeBytes + Buffer.byteLength(tail),
    },
  })
  const failed = new Promise<{ status: number; text: string }>((resolve) => {
    sent.on('error', (error) => resolve({ status: 0, text: error.message }))
  })
  const answered = new Promise<{ status: number; text: string }>((resolve) => {
    sent.on('response', (answer) => {
      void text(answer).then((all) => resolve({ status: answer.statusCode ?? 0, text: all }))
    })
  })
  const writing = async () => {
    sent.write(head)
    await body(async (piece) => {
      if (!sent.write(piece) && !sent.destroyed) await Promise.race([once(sent, 'drain'), failed])
    })
    sent.end(tail)
    return answered
  }
  return Promise.race([writing(), failed])
}

async function read({ apiUrl }: WatchedServer, jwt: string, { id, sha256 }: Uploaded): Promise<string | undefined> {
  try {
    const answer = await fetch(`${apiUrl}/pinyon/v1/files/${id}/content`, { headers: { authorization: `Bearer ${jwt}` } }) // prettier-ignore
    const hash = createHash('sha256')
    for await (const piece of answer.body ?? []) hash.update(piece)
    return hash.digest('hex') === sha256 ? undefined : `${answer.status}, and other bytes`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Downloads the content as a CAR and uploads that while it comes; its length is asked for first. */
async function importCar(server: WatchedServer, jwt: string, { id, sizeBytes }: Uploaded): Promise<string | undefined> {
  const url = `${server.apiUrl}/pinyon/v1/files/${id}/content?format=car`
  const headers = { authorization: `Bearer ${jwt}` }
  try {
    let length = 0
    for await (const piece of (await fetch(url, { headers })).body ?? []) length += piece.length
    const head =
      `--${boundary}\r\nContent-Disposition: form-data; name="car"\r\n\r\ntrue\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="network"\r\n\r\npublic\r\n` +
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="large.car"\r\n\r\n`
    const sent = await sendForm(server, jwt, head, length, async (write) => {
      for await (const piece of (await fetch(url, { headers })).body ?? []) await write(piece)
    })
    if (sent.status !== 200) return `${sent.status} ${sent.text.slice(0, 200)}`
    const { data } = JSON.parse(sent.text) as { data: { size: number } }
    return data.size === sizeBytes ? undefined : `kept ${data.size} bytes`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}
