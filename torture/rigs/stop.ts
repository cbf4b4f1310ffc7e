import { once } from 'node:events'
import { request, type ClientRequest, type IncomingMessage } from 'node:http'
import { setTimeout } from 'node:timers/promises'
import { sha256 } from '../load/content.ts'
import { acknowledgedMore, applyLoad } from '../load/apply.ts'
import { newFile, uploaded } from '../load/uploads.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'

/** F9 and its neighbours: a stop in order, under load. */
export const stop: Rig = {
  name: 'stop',
  proves:
    'SIGTERM with 50 uploads, 20 downloads and 10 pins under way: not ready at once, new work 503, what runs finishes, exit 0; SIGINT, SIGHUP, signals that repeat and a closed stdout too (F9)',
  needs: [],
  async run(context) {
    const installation = await openInstallation(context)
    try {
      const violations = [...(await stopUnderWay(context, installation, 'SIGTERM'))]
      context.log('stopped with requests under way')
      await installation.start()
      violations.push(...(await installation.check()))
      for (const signals of [['SIGINT'], ['SIGHUP'], ['SIGTERM', 'SIGTERM', 'SIGINT']] as const) {
        violations.push(...(await stopUnderLoad(installation, signals)))
        context.log(`stopped by ${signals.join(', ')}`)
        await installation.start()
        violations.push(...(await installation.check()))
      }
      violations.push(...(await closeStdout(installation)))
      await installation.start()
      violations.push(...(await installation.check({ all: true })))
      if (context.profile === 'long') violations.push(...(await stopAtOnce(installation)))
      const ready = Math.round(Math.max(...installation.startsMs))
      return { points: context.profile === 'long' ? 6 : 5, violations, figures: { 'ready again, ms at most': ready } }
    } finally {
      await installation.close()
    }
  },
  control: {
    does: 'the process is killed in place of being told to stop',
    async run(context) {
      const installation = await openInstallation(context)
      try {
        return await stopUnderWay(context, installation, 'SIGKILL')
      } finally {
        await installation.close()
      }
    },
  },
}

const [uploads, downloads, pins] = [50, 20, 10]
const drainMs = 30_000

/** An upload whose second half is held back. */
interface Held {
  readonly sent: ClientRequest
  /** The server works on it. */
  readonly taken: Promise<unknown>
  finish(): Promise<IncomingMessage>
}

function beginUpload({ driver, server }: Installation, bytes: Buffer): Held {
  const file = newFile(driver, { parts: [{ path: '', bytes }], account: 0 })
  const boundary = 'torture'
  const field = (name: string, value: string) =>
    `--${boundary}\r\ncontent-disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`
  const head = `${field('network', 'private')}${field('name', file.name)}--${boundary}\r\ncontent-disposition: form-data; name="file"; filename="a.bin"\r\n\r\n`
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)])
  file.possible = ['absent', uploaded(file, { network: 'private' })]
  const sent = request(`${server.apiUrl}/v3/files`, {
    method: 'POST',
    agent: false,
    headers: {
      authorization: `Bearer ${driver.accounts[0]!.JWT}`, // set-up made it
      'content-type': `multipart/form-data; boundary=${boundary}`,
      'content-length': body.length,
      // The answer to this says that the request is under way: what a signal overtakes is new work, and refused.
      expect: '100-continue',
    },
  })
  const answered = once(sent, 'response') as Promise<[IncomingMessage]>
  // Whoever waits for it is told below.
  answered.catch(() => undefined)
  const taken = Promise.race([once(sent, 'continue'), answered])
  const half = Math.floor(body.length / 2)
  sent.write(body.subarray(0, half))
  return {
    sent,
    taken,
    async finish() {
      sent.end(body.subarray(half))
      const [answer] = await answered
      answer.resume()
      if (answer.statusCode === 200) file.possible = [uploaded(file, { network: 'private' })]
      return answer
    },
  }
}

async function stopUnderWay(
  { random }: RigContext,
  installation: Installation,
  signal: NodeJS.Signals,
): Promise<string[]> {
  const { driver, server } = installation
  const wrong: string[] = []
  // Large enough that no buffer between the two holds all of it.
  const shown = random.bytes(8_000_000)
  const form = new FormData()
  form.append('network', 'public')
  form.append('name', 'pin-shown') // so that the checker leaves it alone
  form.append('file', new Blob([new Uint8Array(shown)]), 'shown.bin')
  const cid = (await driver.ask({ method: 'POST', path: '/v3/files', form }))?.body.data?.cid as string
  const held = Array.from({ length: uploads }, () =>
    beginUpload(installation, random.bytes(20_000 + random.below(400_000))),
  )
  await Promise.all(held.map(({ taken }) => taken))
  const reading = await Promise.all(
    Array.from({ length: downloads }, async () => (await fetch(`${server.gatewayUrl}/ipfs/${cid}`)).body!.getReader()),
  )
  const begun = await Promise.all(reading.map((reader) => reader.read()))
  await Promise.all(
    Array.from({ length: pins }, async () => {
      const pin = driver.history.add({ kind: 'pin', account: 0, name: `pin-${random.hex(12)}` })
      await driver.change(pin, { cid }, { method: 'POST', path: '/psa/pins', json: { cid, name: pin.name } }, [202])
    }),
  )
  const exited = once(server.process, 'exit') as Promise<[number | null]>
  const signalledAt = performance.now()
  server.process.kill(signal)
  wrong.push(...(await refusesNewWork(installation)))
  const answers = await Promise.all(held.map((upload) => upload.finish().catch((error: unknown) => String(error))))
  const cut = answers.filter((answer) => typeof answer === 'string' || answer.statusCode !== 200)
  if (cut.length > 0)
    wrong.push(
      `${cut.length} of ${uploads} running uploads did not finish: ${typeof cut[0] === 'string' ? cut[0] : cut[0]?.statusCode}`,
    )
  const digests = await Promise.all(reading.map((reader, at) => drain(reader, begun[at]?.value)))
  const broken = digests.filter((digest) => digest !== sha256(shown)).length
  if (broken > 0) wrong.push(`${broken} of ${downloads} running downloads did not finish`)
  const [code] = await exited
  const tookMs = performance.now() - signalledAt
  if (code !== 0) wrong.push(`it ended with ${code} (${signal})`)
  if (tookMs > drainMs + 5_000) wrong.push(`it took ${Math.round(tookMs)} ms to end`)
  return wrong
}

/** Not ready from the first moment, and no new work; both with an answer, as long as the process drains. */
async function refusesNewWork({ driver, server }: Installation): Promise<string[]> {
  const wrong: string[] = []
  const until = performance.now() + 20_000
  for (;;) {
    const ready = await fetch(`${server.apiUrl}/health/ready`).catch((error: unknown) => String(error))
    if (typeof ready === 'string') return [`while it drains nobody answers: ${ready}`]
    await ready.body?.cancel()
    // The signal takes a moment to arrive.
    if (ready.status === 503) break
    if (performance.now() > until) return ['it says ready after the signal']
    await setTimeout(5)
  }
  const json = { cid: 'bafkqaaa', name: 'pin-late' }
  const late = await driver.ask({ method: 'POST', path: '/psa/pins', json })
  if (late?.status !== 503) wrong.push(`new work answers ${late?.status} while it drains`)
  else if (!late.headers.has('retry-after')) wrong.push('new work is refused without Retry-After')
  return wrong
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>, first: Uint8Array | undefined): Promise<string> {
  const pieces = first === undefined ? [] : [first]
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return sha256(Buffer.concat(pieces))
      pieces.push(value)
    }
  } catch {
    return 'broken off'
  }
}

async function stopUnderLoad({ driver, server }: Installation, signals: readonly NodeJS.Signals[]): Promise<string[]> {
  const stopping = new AbortController()
  const load = applyLoad(driver, { signal: stopping.signal })
  await acknowledgedMore(driver.history, 10)
  const exited = once(server.process, 'exit') as Promise<[number | null]>
  // From here on 503 is the right answer.
  driver.tolerance = 'unavailable'
  const before = driver.history.complaints.splice(0)
  for (const signal of signals) server.process.kill(signal)
  const [code] = await exited
  stopping.abort()
  await load
  driver.tolerance = 'nothing'
  // What was sent before the signal was known of is refused by a driver that did not know.
  driver.history.complaints.splice(0, Infinity, ...before)
  return code === 0 ? [] : [`${signals.join(', ')}: it ended with ${code}`]
}

/** A log that nobody reads any more does not end the service. */
async function closeStdout({ driver, server }: Installation): Promise<string[]> {
  server.process.stdout?.destroy()
  server.process.stderr?.destroy()
  const stopping = new AbortController()
  const load = applyLoad(driver, { signal: stopping.signal })
  await acknowledgedMore(driver.history, 30)
  stopping.abort()
  await load
  const alive = server.process.exitCode === null && server.process.signalCode === null
  const code = await server.stop()
  return [
    ...(alive ? [] : ['it ended because its stdout was closed']),
    ...(code === 0 ? [] : [`without stdout it ended with ${code}`]),
  ]
}

/** Somebody who signals again after 5 s does not want to wait. */
async function stopAtOnce(installation: Installation): Promise<string[]> {
  const { sent, taken } = beginUpload(installation, Buffer.alloc(100_000))
  sent.on('error', () => undefined)
  await taken
  const { process: child } = installation.server
  const exited = once(child, 'exit') as Promise<[number | null]>
  child.kill('SIGTERM')
  await setTimeout(5_500)
  const signalledAt = performance.now()
  child.kill('SIGTERM')
  const [code] = await exited
  const tookMs = performance.now() - signalledAt
  return code === 1 && tookMs < 5_000 ? [] : [`a second signal ended it with ${code} after ${Math.round(tookMs)} ms`]
}
