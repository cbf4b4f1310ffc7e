import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import type { DialPolicy } from './dial-policy.ts'
import type { Reachability } from './node.ts'

const dialMs = 3_000
/** An answer is good for so long: it is asked for by everybody who looks at the page. */
const validMs = 60_000

interface Seen {
  readonly network: 'local' | 'public'
  /** Multiaddrs without peer id. */
  readonly announces: readonly string[]
  /** Somebody came from outside. */
  readonly isReached: boolean
}

/** Tells whether others can reach the node, by what was seen and by dialling what it announces, at most once a minute. */
export function openReachability(policy: Pick<DialPolicy, 'reasonAgainst'>): (seen: Seen) => Promise<Reachability> {
  let last: { readonly key: string; readonly at: number; readonly found: Promise<Reachability> } | undefined
  return (seen) => {
    const key = JSON.stringify(seen)
    if (last === undefined || last.key !== key || performance.now() - last.at > validMs) {
      last = { key, at: performance.now(), found: look(policy, seen) }
    }
    return last.found
  }
}

async function look(
  policy: Pick<DialPolicy, 'reasonAgainst'>,
  { network, announces, isReached }: Seen,
): Promise<Reachability> {
  if (network === 'local') {
    return {
      state: 'local',
      message:
        'The network is local: only programs that are told its address reach this node. To join the public network set PINYON_IPFS_NETWORK=public and start again.',
    }
  }
  if (isReached) return { state: 'reachable', message: 'Others reach this node: somebody from outside has connected.' }
  const outside: { readonly host: string; readonly port: number }[] = []
  for (const address of announces) {
    const place = await placeOf(address)
    if (place !== undefined && place.ips.some((ip) => isPublic(policy, ip))) outside.push(place)
  }
  if (outside.length === 0) {
    return {
      state: 'private-address',
      message: `Only private addresses are announced (${announces.join(', ')}), which nobody outside can dial. Set PINYON_IPFS_ANNOUNCE to the public address and port that lead here, such as /ip4/203.0.113.7/tcp/8401.`,
    }
  }
  const answers = await Promise.all(outside.map(({ host, port }) => isAnswering(host, port)))
  if (answers.includes(true)) {
    return {
      state: 'unproven',
      message: 'The announced address answers from here. That others reach it shows when the first one connects.',
    }
  }
  const tried = outside.map(({ host, port }) => `${host} port ${port}`).join(', ')
  return {
    state: 'port-closed',
    message: `Nobody answers at what is announced (${tried}), as seen from here. Open the port in the firewall, or have the router pass it on to this machine.`,
  }
}

function isPublic(policy: Pick<DialPolicy, 'reasonAgainst'>, ip: string): boolean {
  return policy.reasonAgainst(ip, { namedBy: 'network', provesItself: false }) === undefined
}

/** Where a multiaddr of TCP leads. Undefined when its name cannot be looked up. */
async function placeOf(address: string): Promise<{ host: string; port: number; ips: string[] } | undefined> {
  const [, , host = '', , port = ''] = address.split('/')
  if (isIP(host) !== 0) return { host, port: Number(port), ips: [host] }
  try {
    const found = await lookup(host, { all: true })
    return { host, port: Number(port), ips: found.map((each) => each.address) }
  } catch {
    return undefined // a name that leads nowhere is as good as none, and is told of as such
  }
}

function isAnswering(host: string, port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: dialMs })
    const done = (isThere: boolean) => {
      socket.destroy()
      resolve(isThere)
    }
    socket.once('connect', () => done(true))
    socket.once('timeout', () => done(false))
    socket.once('error', () => done(false))
  })
}
