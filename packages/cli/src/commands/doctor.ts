import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import type { Context } from '../context.ts'
import { CommandError, describeFailure, exitCodes } from '../exit.ts'
import { bytesText, safeText } from '../output.ts'

/** What was looked at. `note`: as it was chosen, and worth knowing. */
interface Finding {
  readonly what: string
  readonly state: 'ok' | 'note' | 'bad'
  readonly words: string
}

type Reachability = AnswerOf<typeof routes.nodeGet>['reachability']['state']

/** The empty file, whose content is its CID: every gateway has it. */
const emptyCid = 'bafkqaaa'

/**
 * Looks whether server, key, gateway and IPFS node do what they should, and says what to do where they do not. Throws a
 * CommandError when something is wrong, and at once when the server or the key is.
 */
export async function doctor(context: Context): Promise<void> {
  const client = await context.client()
  const who = await client.call(routes.whoami, { signal: context.signal })
  const findings: Finding[] = [
    { what: 'Server', state: 'ok', words: `${client.apiUrl} answers.` },
    { what: 'Key', state: 'ok', words: `"${who.key?.name ?? '-'}" of the account "${who.account.name}".` },
    roomOf(who),
    await lookAtGateway(context, who.urls.gateway),
    ...(await lookAtNode(context)),
  ]
  const bad = findings.filter(({ state }) => state === 'bad')
  const text = findings
    .map(({ what, state, words }) => `${marks[state]} ${what.padEnd(8)} ${safeText(words)}`)
    .join('\n')
  if (bad.length === 0) return context.out.result({ findings }, text)
  throw new CommandError(text, { reason: 'NOT_WELL', exitCode: exitCodes.failed, facts: { findings } })
}

const marks: Readonly<Record<Finding['state'], string>> = { ok: 'ok   ', note: 'note ', bad: 'BAD  ' }

function roomOf({ quota }: AnswerOf<typeof routes.whoami>): Finding {
  const what = 'Room'
  if (quota.leftBytes === null) return { what, state: 'ok', words: 'The account has no quota.' }
  if (quota.leftBytes > 0) return { what, state: 'ok', words: `${bytesText(quota.leftBytes)} are left.` }
  return { what, state: 'bad', words: 'The quota is used up. Remove files, or ask the operator for more.' }
}

async function lookAtGateway({ signal }: Context, url: string): Promise<Finding> {
  const what = 'Gateway'
  const far = `Is PINYON_GATEWAY_URL the address under which others reach it?`
  try {
    const { status } = await fetch(`${url}/ipfs/${emptyCid}`, { signal })
    if (status === 200) return { what, state: 'ok', words: `${url} answers.` }
    return { what, state: 'bad', words: `${url} answers ${status}. ${far}` }
  } catch (error) {
    signal.throwIfAborted()
    const why = error instanceof Error && error.cause instanceof Error ? error.cause.message : String(error)
    return { what, state: 'bad', words: `${url} does not answer from here: ${why}. ${far}` }
  }
}

async function lookAtNode(context: Context): Promise<Finding[]> {
  const client = await context.client()
  let node: AnswerOf<typeof routes.nodeGet>
  try {
    node = await client.call(routes.nodeGet, { signal: context.signal })
  } catch (error) {
    context.signal.throwIfAborted()
    return [{ what: 'IPFS', state: 'note', words: `Not looked at: ${describeFailure(error).message}` }]
  }
  return findingsOf(node)
}

/** What there is to say of the node, with each address that others are told. */
export function findingsOf({
  kind,
  reachability,
  announces,
}: Pick<AnswerOf<typeof routes.nodeGet>, 'kind' | 'reachability' | 'announces'>): Finding[] {
  // Off, though it is not meant to be: no process runs it.
  const state = kind !== 'off' && reachability.state === 'off' ? 'bad' : states[reachability.state]
  return [
    { what: 'IPFS', state, words: reachability.message },
    ...announces.map((address): Finding => ({ what: '', state, words: address })),
  ]
}

/** Others not reaching the node is wrong where it was meant to be reached. */
const states: Readonly<Record<Reachability, Finding['state']>> = {
  off: 'note',
  local: 'note',
  'private-address': 'bad',
  'port-closed': 'bad',
  unproven: 'note',
  reachable: 'ok',
}
