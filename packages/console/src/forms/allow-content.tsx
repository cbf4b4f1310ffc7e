import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type Denial, refreshDenials } from '../api/denials.ts'
import { offerUndo } from '../lib/undo.ts'
import { Mono } from '../ui/code.tsx'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

/** Ends a denial, after asking. */
export function AllowContent({
  denial,
  onClose,
}: {
  readonly denial: Denial | undefined
  readonly onClose: () => void
}) {
  const allow = useMutation({
    mutationFn: (cid: string) => client.call(routes.denialsRemove, { params: { cid } }),
    async onSuccess() {
      const { cid, reason } = denial ?? {}
      await refreshDenials()
      onClose()
      if (cid === undefined || reason === undefined) return
      offerUndo({
        words: 'Content is allowed again',
        async undo() {
          await client.call(routes.denialsAdd, { body: { cid, reason, confirm: true } })
          await refreshDenials()
        },
      })
    },
  })
  return (
    <Confirm
      isOpen={denial !== undefined}
      onClose={onClose}
      title="Allow content again"
      action="Allow again"
      onConfirm={() => denial !== undefined && allow.mutate(denial.cid)}
      isBusy={allow.isPending}
      error={allow.error !== null && <FormError error={allow.error} />}
    >
      <p>
        <Mono>{denial?.cid ?? ''}</Mono>
      </p>
      <p>It can be read and brought again at once, as far as it is still held.</p>
    </Confirm>
  )
}
