import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { noticeGatewaysChanged } from '../api/gateways.ts'
import { Button } from '../ui/button.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { FormError } from './form-error.tsx'

interface AddValueProps {
  readonly label: string
  readonly hint: string
  readonly placeholder: string
  /** Adds it. */
  readonly add: (value: string) => Promise<unknown>
}

/** A field and a button that add a domain, an address or a host to a gateway. */
export function AddValue({ label, hint, placeholder, add }: AddValueProps) {
  const [value, setValue] = useState('')
  const adding = useMutation({
    mutationFn: () => add(value.trim()),
    async onSuccess() {
      setValue('')
      await noticeGatewaysChanged()
    },
  })
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault()
        if (!adding.isPending) adding.mutate()
      }}
    >
      <div className="flex flex-wrap items-start gap-2">
        <Field label={label} hint={hint} isLabelHidden className="min-w-48 grow basis-64">
          <TextInput
            required
            placeholder={placeholder}
            value={value}
            onChange={({ target }) => setValue(target.value)}
          />
        </Field>
        <Button type="submit" isBusy={adding.isPending} aria-label={`Add ${label.toLowerCase()}`}>
          Add
        </Button>
      </div>
      {adding.isError && <FormError error={adding.error} />}
    </form>
  )
}

/** A button that makes an access token. */
export function AddToken({ gatewayId }: { readonly gatewayId: string }) {
  const adding = useMutation({
    mutationFn: () => client.call(routes.gatewaysAddToken, { params: { id: gatewayId } }),
    onSuccess: noticeGatewaysChanged,
  })
  return (
    <>
      <Button isBusy={adding.isPending} onClick={() => adding.mutate()}>
        New access token
      </Button>
      {adding.isError && <FormError error={adding.error} />}
    </>
  )
}

/** The rows of hosts and addresses are of the same type. */
type Removing = typeof routes.gatewaysRemoveToken

interface RemoveValueProps {
  /** What is removed, for screen readers. */
  readonly name: string
  readonly action: string
  readonly remove: () => Promise<unknown>
}

/** A button that takes something from a gateway. */
export function RemoveValue({ name, action, remove }: RemoveValueProps) {
  const removing = useMutation({ mutationFn: remove, onSuccess: noticeGatewaysChanged })
  return (
    <>
      <Button
        look="quiet"
        size="small"
        isBusy={removing.isPending}
        aria-label={`${action} ${name}`}
        onClick={() => removing.mutate()}
      >
        {action}
      </Button>
      {removing.isError && <FormError error={removing.error} />}
    </>
  )
}

/** Removes what lets requests in by the row that its kind has. */
export function removeRestriction(row: Removing, id: string, restrictionId: string): Promise<unknown> {
  return client.call(row, { params: { id, restrictionId } })
}
