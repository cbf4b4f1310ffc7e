import { spawnSync } from 'node:child_process'
import type { Need } from '../rig.ts'
import { programs } from './disks/needs.ts'

/** What makes networks, and loses packets on them: the programs, and a kernel that lets root do it here. */
export const networkTools: readonly Need[] = [
  programs('iproute2', 'ip', 'tc'),
  programs('nftables', 'nft'),
  { name: 'a network of its own', missing: whyNoNetwork },
]

/** Tries in a network that nobody sees what `support/lossy-link.ts` does. */
function whyNoNetwork(): string | undefined {
  const lose =
    'nft add table ip t; nft add chain ip t c "{ type filter hook input priority 0; }"; nft add rule ip t c numgen random mod 100 \\< 3 counter drop'
  const slow = 'tc qdisc add dev lo root tbf rate 1mbit burst 4000 latency 400ms'
  const tried = spawnSync('unshare', ['--net', 'sh', '-ec', `PATH=$PATH:/usr/sbin:/sbin; ${lose}; ${slow}`])
  // A program that is not there is told by itself.
  if (tried.status === 0 || tried.status === 127) return undefined
  return `the kernel makes no network that loses packets: ${String(tried.error ?? tried.stderr).slice(0, 300)}`
}
