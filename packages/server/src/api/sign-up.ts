import { routes } from '@pinyon/contract/routes.ts'
import type { SignUpLink } from '@pinyon/contract/schemas/sign-up.ts'
import type { z } from 'zod'
import { acceptSignUp, endSignUpLink, listSignUps, makeSignUpLink, refuseSignUp } from '../accounts/manage-sign-ups.ts'
import type { SignUpLinkRow } from '../accounts/sign-up-queries.ts'
import { joinByLink, lookAtSignUpLink, requestAccount } from '../accounts/sign-up.ts'
import { answer, door, openDoor, type Door } from '../http/door.ts'
import { presentAccount, presentInvite } from './present-accounts.ts'
import { presentSettings } from './present-settings.ts'
import { presentTime } from './present-time.ts'

const noStore = { 'cache-control': 'no-store' }
const dayMs = 86_400_000

/** Joining, and what operators decide about it. */
export const signUpDoors: readonly Door[] = [
  openDoor(routes.signUpGet, async ({ services }) => ({ mode: services.config.signUp })),
  openDoor(routes.signUpLook, async ({ services, body }) => {
    const { expiresAt, quotaBytes } = await lookAtSignUpLink(services, body.token)
    return { expiresAt: presentTime(expiresAt), quotaBytes }
  }),
  openDoor(routes.signUpJoin, async ({ services, body, request }) => {
    await joinByLink(services, { ...body, origin: request })
    return answer(202, {})
  }),
  openDoor(routes.signUpRequest, async ({ services, body, request }) => {
    const { email, name = '', note = '' } = body
    await requestAccount(services, { email, name, note, origin: request })
    return answer(202, {})
  }),
  door(routes.signUpsList, async ({ services }) => {
    const { links, requests } = await listSignUps(services)
    return {
      mode: services.config.signUp,
      defaultQuotaBytes: services.config.defaultQuotaBytes,
      links: links.map(presentSignUpLink),
      requests: requests.map(({ id, email, name, note, created_at: createdAt, user_id: userId }) => ({
        id,
        email,
        name,
        note,
        createdAt: presentTime(createdAt),
        isUser: userId !== null,
      })),
    }
  }),
  door(routes.signUpLinksMake, async ({ services, caller, body: { expiresInDays, ...body } }) => {
    const expiresInMs = expiresInDays === undefined ? undefined : expiresInDays * dayMs
    const { link, token, url } = await makeSignUpLink(services, caller, { ...body, expiresInMs })
    return answer(201, { link: presentSignUpLink(link), token, url }, noStore)
  }),
  door(routes.signUpLinksRevoke, async ({ services, caller, params }) => {
    await endSignUpLink(services, caller, params.id)
    return {}
  }),
  door(routes.signUpRequestsAccept, async ({ services, caller, params, body }) => {
    const { account, invite } = await acceptSignUp(services, caller, params.id, body)
    return answer(201, { account: presentAccount(account), invite: presentInvite(invite) }, noStore)
  }),
  door(routes.signUpRequestsRefuse, async ({ services, caller, params }) => {
    await refuseSignUp(services, caller, params.id)
    return {}
  }),
  door(routes.settingsInForce, async ({ services }) => ({ settings: presentSettings(services) })),
]

function presentSignUpLink(link: SignUpLinkRow): z.infer<typeof SignUpLink> {
  return {
    id: link.id,
    note: link.note,
    maxUses: link.max_uses,
    uses: link.uses,
    quotaBytes: link.quota_bytes,
    createdAt: presentTime(link.created_at),
    expiresAt: presentTime(link.expires_at),
    revokedAt: presentTime(link.revoked_at),
  }
}
