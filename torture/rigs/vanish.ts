import { once } from 'node:events'
import { readdir } from 'node:fs/promises'
import { connect } from 'node:net'
import { setTimeout } from 'node:timers/promises'
import { newFile } from '../load/uploads.ts'
import type { Rig, RigContext } from '../rig.ts'
import { openInstallation, type Installation } from '../support/installation.ts'
import { waitedForProcessorMs } from '../support/waited-for-processor.ts'

/** F54: the client goes away at any byte. */
export const vanish: Rig = {
  name: 'vanish',
  proves:
    'a client that goes away (FIN or RST) at any byte of an upload leaves nothing: no file, no reserved quota, no descriptor, no temporary file (F54)',
  needs: [],
  async run(context) {
    const cuts = context.rounds ?? (context.profile === 'short' ? 60 : 500)
    const installation = await openInstallation(context)
    try {
      const before = await openDescriptors(installation)
      for (let done = 0; done < cuts; done += 10)
        await Promise.all(
          Array.from({ length: Math.min(10, cuts - done) }, () => cutUpload(context, installation, 'within')),
        )
      const violations: string[] = []
      const { value: after, tookMs } = await settled(installation, () => openDescriptors(installation), before + 4)
      if (after > before + 4)
        violations.push(`${after} descriptors are open ${tookMs} ms later, before there were ${before} (I11)`)
      violations.push(...(await installation.check({ all: true })))
      return {
        points: cuts,
        violations,
        figures: { 'descriptors before': before, 'descriptors after': after, 'given back after, ms': tookMs },
      }
    } finally {
      await installation.close()
    }
  },
  control: {
    does: 'the client sends everything, and only then goes away',
    async run(context) {
      const installation = await openInstallation(context)
      try {
        for (let time = 0; time < 5; time++) await cutUpload(context, installation, 'behind the end')
        return await installation.check()
      } finally {
        await installation.close()
      }
    },
  },
}

/** Sends the first bytes of an upload. Written down is that nothing of it may be there. */
async function cutUpload(
  { random }: Pick<RigContext, 'random'>,
  { driver, server }: Installation,
  where: 'within' | 'behind the end',
): Promise<void> {
  const bytes = random.bytes(1 + random.below(random.below(4) === 0 ? 1_500_000 : 30_000))
  const file = newFile(driver, { parts: [{ path: '', bytes }], account: random.below(driver.accounts.length) })
  const part = (name: string, more = '') => `--b\r\ncontent-disposition: form-data; name="${name}"${more}\r\n\r\n`
  const head = `${part('name')}${file.name}\r\n${part('file', '; filename="a.bin"')}`
  // Whoever has sent this much of the end has sent all of the file.
  const closing = '\r\n--b--\r\n'
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(closing)])
  const { hostname, port, host } = new URL(server.apiUrl)
  const request = Buffer.concat([
    Buffer.from(
      `POST /v3/files HTTP/1.1\r\nhost: ${host}\r\nauthorization: Bearer ${driver.accounts[file.account]?.JWT}\r\n` +
        `content-type: multipart/form-data; boundary=b\r\ncontent-length: ${body.length}\r\n\r\n`,
    ),
    body,
  ])
  const socket = connect(Number(port), hostname)
  socket.on('error', () => undefined)
  await once(socket, 'connect')
  const until = where === 'within' ? random.below(request.length - closing.length) : request.length
  await new Promise<void>((resolve) => socket.write(request.subarray(0, until), () => resolve()))
  if (where === 'behind the end') await Promise.race([once(socket, 'data'), setTimeout(20_000)])
  else await setTimeout(random.below(40))
  if (random.below(2) === 0) socket.resetAndDestroy()
  else socket.destroy()
}

async function openDescriptors({ server }: Installation): Promise<number> {
  return (await readdir(`/proc/${server.process.pid}/fd`)).length
}

/** So soon is all given back (F54). */
const closedWithinMs = 5_000

/**
 * The number, as soon as it is low enough or the time is over. What the process waited for a processor meanwhile does not
 * count: it could not close anything.
 */
async function settled(
  { server }: Installation,
  read: () => Promise<number>,
  atMost: number,
): Promise<{ value: number; tookMs: number }> {
  const startedAt = performance.now()
  const waitedBeforeMs = waitedForProcessorMs(server.process.pid)
  for (;;) {
    const value = await read()
    const waitedMs = waitedForProcessorMs(server.process.pid) - waitedBeforeMs
    const tookMs = performance.now() - startedAt - waitedMs
    if (value <= atMost || tookMs > closedWithinMs) return { value, tookMs: Math.round(tookMs) }
    await setTimeout(50)
  }
}
