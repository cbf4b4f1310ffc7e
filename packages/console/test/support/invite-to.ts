import { askApi } from './ask-api.ts'
import type { ReadyServer } from './console-page.ts'

/** Invites somebody to the owner's account. */
export async function inviteTo(
  server: Pick<ReadyServer, 'apiUrl' | 'key'>,
  email: string,
  role: 'owner' | 'member',
): Promise<{ token: string; url: string }> {
  const body = { email, role }
  return (await askApi<{ invite: { token: string; url: string } }>(server, 'POST', '/pinyon/v1/members', body)).invite
}
