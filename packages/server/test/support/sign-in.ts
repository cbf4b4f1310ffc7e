import type { Answered, TestApp } from './app.ts'

/** The password of owners that `makeAccount` makes. */
export const ownerPassword = 'another horse battery'

/** Signs in as a browser does. Answers the headers by which it asks from then on, the session's id and the answer. */
export async function signInAs(
  app: TestApp,
  email: string,
  password: string,
): Promise<{ headers: Record<string, string>; sessionId: string; cookie: string; answer: Answered }> {
  const answer = await app.ask('POST', '/pinyon/v1/sessions', { json: { email, password } })
  if (answer.status !== 200) throw new Error(`signing in answered ${answer.status}: ${JSON.stringify(answer.body)}`)
  const cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? ''
  return { headers: { cookie, 'sec-fetch-site': 'same-origin' }, sessionId: answer.body.session.id, cookie, answer }
}
