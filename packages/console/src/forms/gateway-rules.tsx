import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { type GatewayRules, noticeGatewaysChanged, rulesQuery } from '../api/gateways.ts'
import { formatBytes } from '../lib/format-bytes.ts'
import { readGib, writeGib } from '../lib/read-gib.ts'
import { Button } from '../ui/button.tsx'
import { Choice } from '../ui/choice.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { Late } from '../ui/late.tsx'
import { Notice } from '../ui/notice.tsx'
import { quotaWords } from './account-fields.tsx'
import { FormError } from './form-error.tsx'

/** Sets how much a gateway serves in a month, and what it does with pages. */
export function GatewayRulesForm({ gatewayId }: { readonly gatewayId: string }) {
  const { data: rules, error } = useQuery(rulesQuery(gatewayId))
  if (error !== null) return <FormError error={error} />
  if (rules === undefined) return <Late />
  // Begun anew when another value is in force.
  return <Form key={`${rules.html} ${rules.egress.quotaBytes}`} gatewayId={gatewayId} rules={rules} />
}

function Form({ gatewayId, rules }: { readonly gatewayId: string; readonly rules: GatewayRules }) {
  const { usedBytes, quotaBytes, month } = rules.egress
  const [html, setHtml] = useState(rules.html)
  const [quota, setQuota] = useState(writeGib(quotaBytes))
  const egressQuotaBytes = quota === writeGib(quotaBytes) ? quotaBytes : readGib(quota)
  const change = useMutation({
    mutationFn: () =>
      client.call(routes.gatewaysSetRules, { params: { id: gatewayId }, body: { html, egressQuotaBytes } }),
    onSuccess: noticeGatewaysChanged,
  })
  const isOver = typeof egressQuotaBytes === 'number' && egressQuotaBytes <= usedBytes
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (egressQuotaBytes !== undefined && !change.isPending) change.mutate()
      }}
    >
      <p>
        Served in {month} (UTC): {formatBytes(usedBytes)}
        {quotaBytes === null ? ', no limit' : ` of ${formatBytes(quotaBytes)}`}.
      </p>
      <Field
        label="At most a month, in GiB"
        hint="Beyond it readers are told to come back next month. Empty: no limit."
        error={egressQuotaBytes === undefined ? quotaWords : undefined}
      >
        <TextInput inputMode="decimal" value={quota} onChange={({ target }) => setQuota(target.value)} />
      </Field>
      {isOver && (
        <Notice tone="warn">
          <p>So much was served already: the gateway refuses from now on until the month ends.</p>
        </Notice>
      )}
      <Choice
        label="Pages (HTML)"
        value={html}
        onChange={setHtml}
        options={[
          { value: 'sandbox', label: 'Shown', hint: 'In a sandbox, with an origin of their own.' },
          { value: 'domains', label: 'On custom domains', hint: 'Elsewhere they can be downloaded only.' },
          { value: 'refuse', label: 'Not shown', hint: 'They can be downloaded only.' },
        ]}
      />
      {change.error !== null && <FormError error={change.error} />}
      <div>
        <Button type="submit" look="primary" isBusy={change.isPending}>
          Save rules
        </Button>
      </div>
    </form>
  )
}
