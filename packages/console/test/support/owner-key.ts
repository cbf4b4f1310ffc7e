import type { ReadyServer } from './console-page.ts'

/** Asks the API with the key of the owner that set-up made. Throws when it answers with an error. */
export async function askAsOwner<T>(
  { apiUrl, key }: Pick<ReadyServer, 'apiUrl' | 'key'>,
  method: string,
  path: string,
  body?: unknown,
): Promise<T> {
  const answer = await fetch(`${apiUrl}${path}`, {
    method,
    headers: { authorization: `Bearer ${key.JWT}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  })
  if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status}: ${await answer.text()}`)
  return (await answer.json()) as T // the caller knows the row it asks
}

/** Somebody new in the owner's account. */
export async function addPerson(
  server: Pick<ReadyServer, 'apiUrl' | 'key'>,
  email: string,
  role: 'owner' | 'member',
): Promise<{ email: string; password: string }> {
  const { token } = await inviteTo(server, email, role)
  const password = 'another horse battery'
  const answer = await fetch(`${server.apiUrl}/pinyon/v1/invites/accept`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token, password }),
  })
  if (!answer.ok) throw new Error(`accepting answered ${answer.status}: ${await answer.text()}`)
  return { email, password }
}

/** Invites somebody to the owner's account. */
export async function inviteTo(
  server: Pick<ReadyServer, 'apiUrl' | 'key'>,
  email: string,
  role: 'owner' | 'member',
): Promise<{ token: string; url: string }> {
  const made = await askAsOwner<{ invite: { token: string; url: string } }>(server, 'POST', '/pinyon/v1/members', {
    email,
    role,
  })
  return made.invite
}
