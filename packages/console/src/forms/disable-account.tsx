import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { type Account, refreshAccounts } from '../api/accounts.ts'
import { client } from '../api/client.ts'
import { messageOf } from '../api/explain.ts'
import { Confirm } from '../ui/confirm.tsx'
import { Notice } from '../ui/notice.tsx'

interface DisableAccountProps {
  /** Which one; undefined while none is asked about. */
  readonly account: Account | undefined
  readonly onClose: () => void
}

/** Disables an account after saying what that means, or lets it in again. */
export function DisableAccount({ account, onClose }: DisableAccountProps) {
  const isDisabled = account?.disabledAt != null
  const change = useMutation({
    mutationFn: (id: string) => client.call(routes.accountsUpdate, { params: { id }, body: { disabled: !isDisabled } }),
    async onSuccess() {
      await refreshAccounts()
      onClose()
    },
  })
  const close = () => {
    change.reset()
    onClose()
  }
  return (
    <Confirm
      isOpen={account !== undefined}
      onClose={close}
      title={isDisabled ? 'Enable account' : 'Disable account'}
      action={isDisabled ? 'Enable' : 'Disable'}
      isBusy={change.isPending}
      onConfirm={() => account !== undefined && change.mutate(account.id)}
      error={
        change.error !== null && (
          <Notice tone="danger" isUrgent>
            <p>{messageOf(change.error)}</p>
          </Notice>
        )
      }
    >
      <p>
        <bdi className="font-medium break-words">{account?.name}</bdi>
      </p>
      {isDisabled ? (
        <p>Its keys work again from the next request on, and its people can sign in again.</p>
      ) : (
        <p>
          Its keys and its people are refused everywhere at once, and its sessions end. Its files stay, and what is
          public stays readable. You can enable it again.
        </p>
      )}
    </Confirm>
  )
}
