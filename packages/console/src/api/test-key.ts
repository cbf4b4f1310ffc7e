import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'

/** An answer as it came. */
interface RawAnswer {
  readonly status: number
  readonly body: string
  /** The code for programs in it, such as `TOKEN_EXPIRED`. */
  readonly reason: string | undefined
}

/** What the server says to a key. */
export interface KeyTest {
  readonly test: RawAnswer
  /** What the key is, if it is good: also one that is not admin may ask that. */
  readonly whoami: AnswerOf<typeof routes.whoami> | undefined
}

/**
 * Asks `data/testAuthentication`, and then whoami, with a JWT and nothing else: no cookie goes along, and nothing is kept.
 * The JWT is sent as it is, so that what is wrong with it is said by the server. Fails where the server does not answer,
 * and on text that no browser sends in a header.
 */
export async function testKey(jwt: string): Promise<KeyTest> {
  const test = await ask(routes.testAuthentication.path, jwt)
  const who = await ask(routes.whoami.path, jwt)
  return {
    test,
    whoami: who.status === 200 ? (JSON.parse(who.body) as KeyTest['whoami']) : undefined, // by the same row
  }
}

async function ask(path: string, jwt: string): Promise<RawAnswer> {
  const answer = await fetch(path, {
    headers: { authorization: `Bearer ${jwt}` },
    credentials: 'omit',
    cache: 'no-store',
  })
  const body = await answer.text()
  return { status: answer.status, body, reason: reasonOf(body) }
}

function reasonOf(body: string): string | undefined {
  try {
    const { error } = JSON.parse(body) as { error?: { reason?: unknown } } // of any shape: every step is looked at
    return typeof error?.reason === 'string' ? error.reason : undefined
  } catch {
    return undefined // no JSON: a proxy answered
  }
}
