import { lookup } from 'node:dns/promises'
import { connect, isIP } from 'node:net'
import type { DialPolicy } from './dial-policy.ts'
import type { Reachability } from './node.ts'

const dialMs = 3_000
/** An answer is good for so long: it is asked for by everybody who looks at the page. */
const validMs = 60_000
/** And so long does a connection from outside show that others reach the node: routers and firewalls change. */
const provenMs = 86_400_000

interface Seen {
  readonly network: 'local' | 'public'
  /** Multiaddrs without peer id. */
  readonly announces: readonly string[]
  /** When somebody came from outside last, by `performance.now()`. */
  readonly reachedAt: number | undefined
}

/** Tells whether others can reach the node, by what was seen and by dialling what it announces, at most once a minute. */
export function openReachability(policy: Pick<DialPolicy, 'reasonAgainst'>): (seen: Seen) => Promise<Reachability> {
  let last: { readonly key: string; readonly at: number; readonly found: Promise<Reachability> } | undefined
  return ({ network, announces, reachedAt }) => {
    const isReached = reachedAt !== undefined && performance.now() - reachedAt < provenMs
    const key = JSON.stringify([network, announces, isReached])
    if (last === undefined || last.key !== key || performance.now() - last.at > validMs) {
      last = { key, at: performance.now(), found: look(policy, { network, announces, isReached }) }
    }
    return last.found
  }
}

async function look(
  policy: Pick<DialPolicy, 'reasonAgainst'>,
  { network, announces, isReached }: Omit<Seen, 'reachedAt'> & { readonly isReached: boolean },
): Promise<Reachability> {
  if (network === 'local') {
    return {
      state: 'local',
      message:
        'The network is local: only programs that are told its address reach this node. To join the public network set PINYON_IPFS_NETWORK=public and start again.',
    }
  }
  const places = await Promise.all(announces.map(placeOf))
  const outside = places.filter(({ ips }) => ips.some((ip) => isPublic(policy, ip)))
  const nowhere = places.filter(({ ips }) => ips.length === 0).map(({ host }) => host)
  if (outside.length === 0 && nowhere.length > 0) {
    return {
      state: 'port-closed',
      message: `What is announced leads nowhere: ${nowhere.join(', ')} cannot be looked up from here. Correct PINYON_IPFS_ANNOUNCE, or the record of that name in the DNS.`,
    }
  }
  if (outside.length === 0) {
    const reached = isReached ? ' Somebody from outside has connected, by an address that others are not told.' : ''
    return {
      state: 'private-address',
      message: `Only private addresses are announced (${announces.join(', ')}), which nobody outside can dial.${reached} Set PINYON_IPFS_ANNOUNCE to the public address and port that lead here, such as /ip4/203.0.113.7/tcp/8401.`,
    }
  }
  if (isReached) return { state: 'reachable', message: 'Others reach this node: somebody from outside has connected.' }
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

/** Where a multiaddr of TCP leads: to no address when its name cannot be looked up. */
async function placeOf(address: string): Promise<{ host: string; port: number; ips: string[] }> {
  const [, , host = '', , port = ''] = address.split('/')
  if (isIP(host) !== 0) return { host, port: Number(port), ips: [host] }
  const found = await lookup(host, { all: true }).catch(() => [])
  return { host, port: Number(port), ips: found.map((each) => each.address) }
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
