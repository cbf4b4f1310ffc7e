import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type GatewayDetail, noticeGatewaysChanged } from '../api/gateways.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

interface DeleteGatewayProps {
  readonly gateway: GatewayDetail
  readonly onClose: () => void
  readonly onDeleted: () => void
}

/** Ends a gateway with all that belongs to it. */
export function DeleteGateway({ gateway, onClose, onDeleted }: DeleteGatewayProps) {
  const end = useMutation({
    mutationFn: () => client.call(routes.gatewaysDelete, { params: { id: gateway.id } }),
    onSuccess() {
      // First away from the page of what is gone, or it would ask for it.
      onDeleted()
      void noticeGatewaysChanged()
    },
  })
  return (
    <Confirm
      isOpen
      onClose={onClose}
      title={`Delete gateway ${gateway.domain}`}
      action="Delete gateway"
      typed={gateway.domain}
      isBusy={end.isPending}
      onConfirm={() => end.mutate()}
      error={end.isError && <FormError error={end.error} />}
    >
      <p>Its domains, access tokens, addresses and hosts go with it. Files stay.</p>
    </Confirm>
  )
}
