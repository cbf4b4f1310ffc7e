import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { refreshSignUps } from '../api/sign-up.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

/** A request to refuse, or a link to end. */
export type EndingSignUp = { readonly kind: 'request' | 'link'; readonly id: string; readonly name: string }

/** Refuses a request, or ends a link for joining, after asking. */
export function EndSignUp({
  ending,
  onClose,
}: {
  readonly ending: EndingSignUp | undefined
  readonly onClose: () => void
}) {
  const end = useMutation({
    async mutationFn({ kind, id }: EndingSignUp) {
      await client.call(kind === 'request' ? routes.signUpRequestsRefuse : routes.signUpLinksRevoke, { params: { id } })
    },
    async onSuccess() {
      await refreshSignUps()
      onClose()
    },
  })
  const isRequest = ending?.kind === 'request'
  return (
    <Confirm
      isOpen={ending !== undefined}
      onClose={onClose}
      title={isRequest ? 'Refuse the request' : 'End the link'}
      action={isRequest ? 'Refuse' : 'End link'}
      onConfirm={() => ending !== undefined && end.mutate(ending)}
      isBusy={end.isPending}
      error={end.error !== null && <FormError error={end.error} />}
    >
      <p>
        <bdi className="font-medium [overflow-wrap:anywhere]">{ending?.name}</bdi>
      </p>
      <p>
        {isRequest
          ? 'The request goes away. Nobody is told; they may ask again.'
          : 'Nobody joins by it any more. Accounts that it made stay.'}
      </p>
    </Confirm>
  )
}
