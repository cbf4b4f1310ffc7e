// What sharing commits is worth when syncs are slow: every fsync and fdatasync of the server takes 5 ms more (strace).
// `node bench/slow-syncs.ts`. 64 clients pin small JSON; beside it the same build asked for one thing at a time, so that
// each request has its own sync and its own commit, and the most that one commit a request could reach at all.
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client, startPinyon } from './support/processes.ts'

const pairs = 5
const delayMs = 5

if (spawnSync('strace', ['-V']).status !== 0) {
  console.error('strace is not installed: slow syncs cannot be had here')
  process.exit(1)
}
const place = await mkdtemp(join(tmpdir(), 'pinyon-bench-'))
const client = new Client()
try {
  const strace = [
    'strace',
    '-f',
    '--seccomp-bpf',
    '-qq',
    '-o',
    '/dev/null',
    '-e',
    'trace=fsync,fdatasync',
    '-e',
    `inject=fsync,fdatasync:delay_enter=${delayMs * 1000}`,
  ]
  const server = await startPinyon(join(place, 'data'), strace)
  const send = async (clients: number, amount: number) => {
    const seconds = await client.send({
      url: `${server.url}/pinning/pinJSONToIPFS`,
      headers: server.headers,
      kind: 'small',
      as: 'json',
      clients,
      amount,
    })
    return amount / seconds
  }
  await send(64, 2_000)
  const runs: { together: number; alone: number }[] = []
  for (let pair = 0; pair < pairs; pair++) runs.push({ together: await send(64, 6_000), alone: await send(1, 200) })
  const median = (values: number[]) => values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0
  const together = median(runs.map((run) => run.together))
  const alone = median(runs.map((run) => run.alone))
  const ratio = median(runs.map((run) => run.together / run.alone))
  console.log(`4 KiB JSON, every sync ${delayMs} ms slower`)
  console.log(`  64 clients                   ${Math.round(together)} pins/s`)
  console.log(`  one commit a request         ${Math.round(alone)} pins/s, ratio ${ratio.toFixed(1)}`)
  console.log(
    `  limit of one commit a time   ${1000 / delayMs} pins/s, ratio ${(together / (1000 / delayMs)).toFixed(1)}`,
  )
  await server.stop()
} finally {
  client.stop()
  await rm(place, { recursive: true, force: true, maxRetries: 5 })
}
