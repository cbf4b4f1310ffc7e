import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

const env = { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
const execute = promisify(execFile)
const run = (command: string, args: readonly string[]) => execute(command, args, { env })

/** What a line does to the packets that it carries, in each direction. */
export interface Line {
  /** Of a hundred packets. The kernel drops them, and TCP of the kernel sends them again. */
  readonly lostPercent: number
  readonly kilobitsPerSecond: number
}

/** A network of two machines on one: a namespace with a wire to it, on which packets get lost. */
export interface LossyLink {
  /** The address there. */
  readonly address: string
  /** A command that runs what follows there. */
  readonly under: readonly string[]
  /** From now on. */
  set(line: Line | 'good'): Promise<void>
  /** Packets that were dropped, and segments that were sent again by the TCP over there. */
  counts(): Promise<{ dropped: number; sentAgain: number }>
  close(): Promise<void>
}

/** So little that the kernel cuts what it would hand over in one piece into packets, of which single ones are lost. */
const burstBytes = 4_000

/** Opens one that loses nothing. Needs root, `ip`, `tc` and `nft`, and no `netem`, which many kernels lack. */
export async function openLossyLink(): Promise<LossyLink> {
  const name = `pt${process.pid % 100_000}`
  const wires = { here: `${name}a`, there: `${name}b` }
  // Of the network for benchmarks (RFC 2544), which nobody routes.
  const subnet = `198.18.${process.pid % 256}`
  const inside = (command: string, ...args: string[]) => run('ip', ['netns', 'exec', name, command, ...args])
  const close = async () => {
    // By itself the kernel takes the wire away some time after the namespace, and keeps its name until then.
    await run('ip', ['link', 'del', wires.here]).catch(() => undefined) // it was not made
    await run('ip', ['netns', 'del', name])
    await run('nft', ['delete', 'table', 'ip', name]).catch(() => undefined) // there may be none
  }
  await run('ip', ['netns', 'add', name])
  try {
    await run('ip', ['link', 'add', wires.here, 'type', 'veth', 'peer', 'name', wires.there, 'netns', name])
    await run('ip', ['address', 'add', `${subnet}.1/30`, 'dev', wires.here])
    // The kernel hands over packets, and not many in one piece.
    await run('ip', ['link', 'set', wires.here, 'gso_max_segs', '1', 'up'])
    await inside('ip', 'address', 'add', `${subnet}.2/30`, 'dev', wires.there)
    await inside('ip', 'link', 'set', wires.there, 'gso_max_segs', '1', 'up')
    await inside('ip', 'link', 'set', 'lo', 'up')
  } catch (error) {
    await close()
    throw error
  }
  const ends = [
    { run, wire: wires.here },
    { run: (command: string, args: string[]) => inside(command, ...args), wire: wires.there },
  ]
  return {
    address: `${subnet}.2`,
    under: ['ip', 'netns', 'exec', name],
    async set(line) {
      for (const end of ends) {
        await end.run('nft', ['delete', 'table', 'ip', name]).catch(() => undefined) // there may be none
        await end.run('tc', ['qdisc', 'del', 'dev', end.wire, 'root']).catch(() => undefined) // as above
        if (line === 'good') continue
        const chain = ['ip', name, 'lose']
        await end.run('nft', ['add', 'table', 'ip', name])
        await end.run('nft', ['add', 'chain', ...chain, '{ type filter hook input priority 0; }'])
        const lost = `numgen random mod 100 < ${line.lostPercent} counter drop`
        await end.run('nft', ['add', 'rule', ...chain, `iifname ${end.wire} ${lost}`])
        const rate = `${line.kilobitsPerSecond}kbit`
        await end.run('tc', ['qdisc', 'add', 'dev', end.wire, 'root', 'tbf', 'rate', rate, 'burst', `${burstBytes}`, 'latency', '400ms']) // prettier-ignore
      }
    },
    async counts() {
      let dropped = 0
      for (const end of ends) {
        const { stdout } = await end.run('nft', ['list', 'table', 'ip', name])
        dropped += Number(/counter packets (\d+)/.exec(stdout)?.[1] ?? 0)
      }
      const { stdout } = await inside('cat', '/proc/net/snmp')
      return { dropped, sentAgain: sentAgain(stdout) }
    },
    close,
  }
}

/** `RetransSegs` of `/proc/net/snmp`: a line of names, and one of values below it. */
function sentAgain(snmp: string): number {
  const [names = [], values = []] = snmp.split('\n').filter((line) => line.startsWith('Tcp:')).map((line) => line.split(' ')) // prettier-ignore
  return Number(values[names.indexOf('RetransSegs')] ?? Number.NaN)
}
