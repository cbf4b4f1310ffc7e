import { routes } from '@pinyon/contract/routes.ts'
import { changeAccount, createAccount, getAccount, pageAccounts, viewAccount } from '../accounts/manage-accounts.ts'
import { answer, door, type Door } from '../http/door.ts'
import { presentAccount, presentInvite } from './present-accounts.ts'

/** Accounts, for operators; and one's own. */
export const accountDoors: readonly Door[] = [
  door(routes.accountsCreate, async ({ services, caller, body }) => {
    const { account, invite } = await createAccount(services, caller, body)
    return answer(
      201,
      { account: presentAccount(account), invite: presentInvite(invite) },
      { 'cache-control': 'no-store' },
    )
  }),
  door(routes.accountsList, async ({ services, query }) => {
    const { accounts, nextPageToken } = await pageAccounts(services, query)
    return { accounts: accounts.map(presentAccount), nextPageToken }
  }),
  door(routes.accountsGet, async ({ services, caller, params }) =>
    presentAccount(await viewAccount(services, caller, params.id)),
  ),
  door(routes.accountsUpdate, async ({ services, caller, params, body }) =>
    presentAccount(await changeAccount(services, caller, params.id, body, 'operator')),
  ),
  door(routes.accountGet, async ({ services, caller }) => presentAccount(await getAccount(services, caller.accountId))),
  door(routes.accountUpdate, async ({ services, caller, body }) =>
    presentAccount(await changeAccount(services, caller, caller.accountId, body, 'account')),
  ),
]
