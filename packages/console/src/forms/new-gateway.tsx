import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { useState } from 'react'
import { client } from '../api/client.ts'
import { noticeGatewaysChanged } from '../api/gateways.ts'
import { paths } from '../paths.ts'
import { Dialog } from '../ui/dialog.tsx'
import { Field, TextInput } from '../ui/field.tsx'
import { DialogForm } from './dialog-form.tsx'

interface NewGatewayProps {
  readonly isOpen: boolean
  readonly onClose: () => void
}

/** Makes a gateway by a name of its own, and leads to it. */
export function NewGateway({ isOpen, onClose }: NewGatewayProps) {
  return (
    <Dialog isOpen={isOpen} onClose={onClose} title="New gateway">
      <Body onClose={onClose} />
    </Dialog>
  )
}

/** Mounted with each opening, so that what was typed is forgotten. */
function Body({ onClose }: Pick<NewGatewayProps, 'onClose'>) {
  const navigate = useNavigate()
  const [domain, setDomain] = useState('')
  const create = useMutation({
    mutationFn: () => client.call(routes.gatewaysCreate, { body: { domain: domain.trim() } }),
    async onSuccess({ data }) {
      await noticeGatewaysChanged()
      onClose()
      await navigate(paths.gateway(data.id))
    },
  })
  return (
    <DialogForm sending={create} submit="Make gateway" onClose={onClose}>
      <Field label="Name" hint="Letters, digits and hyphens, such as my-site. It is unique on this installation.">
        <TextInput required maxLength={63} value={domain} onChange={({ target }) => setDomain(target.value)} />
      </Field>
    </DialogForm>
  )
}
