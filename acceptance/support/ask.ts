/** What is known of one request, kept outside the server. `unknown`: the connection broke before the answer. */
export type Outcome = 'ok' | 'fail' | 'unknown'

/** Sends a request to a server that may be killed meanwhile. Undefined when the connection broke. */
export async function ask(url: string, request: RequestInit): Promise<{ status: number; body: unknown } | undefined> {
  try {
    const answer = await fetch(url, request)
    const text = await answer.text()
    return { status: answer.status, body: text.startsWith('{') ? (JSON.parse(text) as unknown) : text }
  } catch {
    return undefined // what came of it is not known
  }
}
