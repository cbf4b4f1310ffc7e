import { answeredBadly, askElsewhere, type Asking, jsonOf } from './ask-elsewhere.ts'

/** A pinning service, and as whom it is asked. */
export interface PsaAt extends Asking {
  readonly url: string
  readonly token: string
}

/** A pin as the Pinning Services API shows it. */
export interface PsaPin {
  readonly requestid: string
  readonly status: string
  readonly created: string
  readonly pin: {
    readonly cid: string
    readonly name?: string
    readonly meta?: Readonly<Record<string, string>> | null
  }
  readonly delegates?: readonly string[]
}

const pageSize = 1_000

/** Whether it holds what is read of each pin; an import cannot tell pins apart without. */
function isPage({ results }: { results?: readonly Partial<PsaPin>[] }): boolean {
  return (
    Array.isArray(results) &&
    results.every(({ requestid, created, pin }) =>
      [requestid, created, pin?.cid].every((text) => typeof text === 'string'),
    )
  )
}

/**
 * The pins of a service in these states, newest first, in pages that end where the one before began: the only way to
 * page that the API has. Answers how many the service said there are, which is more than came where pins share a time.
 */
export async function listPsaPins(at: PsaAt, statuses: readonly string[]): Promise<{ pins: PsaPin[]; count: number }> {
  const pins = new Map<string, PsaPin>()
  let count: number | undefined
  for (let before: string | undefined; ;) {
    const query = new URLSearchParams({
      status: statuses.join(','),
      limit: String(pageSize),
      ...(before === undefined ? {} : { before }),
    })
    const answer = await askElsewhere(
      `${at.url}/pins?${query.toString()}`,
      { headers: { authorization: `Bearer ${at.token}`, accept: 'application/json' } },
      at,
    )
    if (!answer.ok) throw await answeredBadly(answer, at)
    const page = await jsonOf<{ count: number; results: PsaPin[] }>(answer, isPage)
    count ??= page.count
    const known = pins.size
    for (const pin of page.results) pins.set(pin.requestid, pin)
    before = page.results.at(-1)?.created
    // A service that takes `before` for "not later than" gives the last row again.
    if (before === undefined || pins.size === known || page.count <= page.results.length) break
  }
  return { pins: [...pins.values()], count: count ?? 0 }
}
