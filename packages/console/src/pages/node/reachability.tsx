import type { NodeStatus } from '../../api/node.ts'
import { Notice } from '../../ui/notice.tsx'

const looks = {
  reachable: { tone: 'ok', words: 'Other nodes can reach this one.' },
  unproven: { tone: 'plain', words: 'Other nodes may be able to reach this one.' },
  local: { tone: 'plain', words: 'Other nodes cannot reach this one: its network is local.' },
  off: { tone: 'plain', words: 'Other nodes cannot reach this one: it is off.' },
  'private-address': { tone: 'warn', words: 'Other nodes cannot reach this one: it announces private addresses.' },
  'port-closed': { tone: 'warn', words: 'Other nodes cannot reach this one: nobody answers at what it announces.' },
} as const

/** Whether others can reach the node, in the first line; below it what that means and what to do, as the server says it. */
export function Reachability({ state, message }: NodeStatus['reachability']) {
  const { tone, words } = looks[state]
  return (
    <div role="status" aria-label="Reachability">
      <Notice tone={tone}>
        <p className="font-medium">{words}</p>
        <p className="max-w-prose wrap-anywhere">{message}</p>
      </Notice>
    </div>
  )
}
