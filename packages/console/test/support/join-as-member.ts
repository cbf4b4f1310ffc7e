import { askApi } from './ask-api.ts'
import { owner, type ReadyServer } from './console-page.ts'

/** Invites somebody to the owner's account as a member, and accepts for them. Answers what they sign in with. */
export async function joinAsMember(server: ReadyServer, email: string): Promise<{ email: string; password: string }> {
  const { invite } = await askApi<{ invite: { token: string } }>(server, 'POST', '/pinyon/v1/members', {
    email,
    role: 'member',
  })
  const { password } = owner
  await askApi(server, 'POST', '/pinyon/v1/invites/accept', { token: invite.token, password })
  return { email, password }
}
