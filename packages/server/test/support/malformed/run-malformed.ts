import { judgeAnswer, saysNameLeadsNowhere } from './judge-answer.ts'
import { makeMalformed } from './make-malformed.ts'
import { sendMalformed } from './send-malformed.ts'
import type { MalformedWorld } from './valid-request.ts'

/** What came of many malformed requests. */
export interface MalformedReport {
  readonly sent: number
  /** How many answers there were of each status, the first of a connection; the 500 of a name that leads nowhere by itself. */
  readonly statuses: Readonly<Record<string, number>>
  /** What was answered as it may not be, each with the number that makes the request again. */
  readonly problems: readonly string[]
}

/** What the specification has for these, and nothing else is answered so. */
const ofNames = '500 of an IPNS name that leads nowhere'

/** Sends the requests `from` to `to` of a seed, some at once, and judges each answer. */
export async function runMalformed(
  world: MalformedWorld,
  { seed, from = 0, to, atOnce = 4 }: { seed: number; from?: number; to: number; atOnce?: number },
): Promise<MalformedReport> {
  const statuses: Record<string, number> = {}
  const problems: string[] = []
  let next = from
  const work = async () => {
    while (next < to) {
      const sent = makeMalformed(seed, next++, world)
      const answer = await sendMalformed(sent.row === undefined ? world.gatewayUrl : world.apiUrl, sent)
      const status = /^HTTP\/1\.1 (\d{3})/.exec(answer.bytes.toString('latin1'))?.[1] ?? answer.end
      const kind = saysNameLeadsNowhere(sent, answer.bytes.toString('latin1')) ? ofNames : status
      statuses[kind] = (statuses[kind] ?? 0) + 1
      const problem = judgeAnswer(sent, answer)
      if (problem !== undefined) problems.push(`${sent.title}: ${problem}`)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, work))
  return { sent: to - from, statuses, problems }
}
