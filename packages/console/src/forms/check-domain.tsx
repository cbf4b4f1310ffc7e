import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type CustomDomain, noticeGatewaysChanged } from '../api/gateways.ts'
import { Button } from '../ui/button.tsx'
import { FormError } from './form-error.tsx'

interface CheckDomainProps {
  readonly gatewayId: string
  readonly domain: CustomDomain
}

/** A button that has the record of a domain looked for now. */
export function CheckDomain({ gatewayId, domain }: CheckDomainProps) {
  const checking = useMutation({
    mutationFn: () =>
      client.call(routes.gatewaysCheckDomain, { params: { id: gatewayId, customDomainId: domain.custom_domain_id } }),
    onSuccess: noticeGatewaysChanged,
  })
  return (
    <>
      <Button
        look="quiet"
        size="small"
        isBusy={checking.isPending}
        aria-label={`Check now: ${domain.domain}`}
        onClick={() => checking.mutate()}
      >
        Check now
      </Button>
      {checking.isError && <FormError error={checking.error} />}
    </>
  )
}
