import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { refreshSignUps, type SignUps } from '../api/sign-up.ts'
import { formatBytes } from '../lib/format-bytes.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { Button } from '../ui/button.tsx'
import { CopyField } from '../ui/copy.tsx'
import { Actions, Dialog, Done } from '../ui/dialog.tsx'
import { FormError } from './form-error.tsx'

interface AcceptSignUpProps {
  readonly request: SignUps['requests'][number] | undefined
  readonly defaultQuotaBytes: number | null
  readonly onClose: () => void
}

/** Makes the account that somebody asked for, and shows the link to hand over. */
export function AcceptSignUp({ request, defaultQuotaBytes, onClose }: AcceptSignUpProps) {
  return (
    <Dialog isOpen={request !== undefined} onClose={onClose} title="Accept the request">
      {request !== undefined && <Body request={request} defaultQuotaBytes={defaultQuotaBytes} onClose={onClose} />}
    </Dialog>
  )
}

function Body({
  request,
  defaultQuotaBytes,
  onClose,
}: AcceptSignUpProps & { readonly request: SignUps['requests'][number] }) {
  const accept = useMutation({
    mutationFn: () => client.call(routes.signUpRequestsAccept, { params: { id: request.id }, body: {} }),
    gcTime: 0,
  })
  // The list is asked for when this is closed: until then the request is what is shown here.
  const close = () => {
    if (accept.isSuccess) void refreshSignUps()
    onClose()
  }
  if (accept.data !== undefined) {
    const { account, invite } = accept.data
    return (
      <>
        <p>
          Give this link to <bdi className="font-medium break-all">{account.email}</bdi>: Pinyon sends no mail. It works
          once, until {formatDayAndTime(invite.expiresAt)}, and is shown only now.
        </p>
        <CopyField label="Invite link" value={invite.url} />
        <Done onClose={close} />
      </>
    )
  }
  return (
    <>
      <p>
        <bdi className="font-medium break-all">{request.email}</bdi> gets an account
        {defaultQuotaBytes === null ? ' without a quota' : ` that may hold ${formatBytes(defaultQuotaBytes)}`}. Change
        that afterwards in the list of accounts.
      </p>
      {accept.isError && <FormError error={accept.error} />}
      <Actions>
        <Button onClick={close}>Cancel</Button>
        <Button look="primary" isBusy={accept.isPending} onClick={() => accept.mutate()}>
          Make account
        </Button>
      </Actions>
    </>
  )
}
