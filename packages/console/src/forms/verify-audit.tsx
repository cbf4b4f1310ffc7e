import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { formatNumber } from '../lib/format-bytes.ts'
import { Button } from '../ui/button.tsx'
import { Notice } from '../ui/notice.tsx'
import { FormError } from './form-error.tsx'

/** Has the server hold the log against its chain, and says what came of it: of the account, or of the whole installation. */
export function VerifyAudit({ isWhole }: { readonly isWhole: boolean }) {
  const verify = useMutation({
    async mutationFn() {
      let lines = 0
      for (let after: string | undefined; ;) {
        const query = after === undefined ? {} : { after }
        const row = isWhole ? routes.installationAuditVerify : routes.auditVerify
        const part = await client.call(row, { query })
        lines += part.lines
        if (part.next === null) return { lines, fault: part.fault }
        after = String(part.next)
      }
    },
  })
  const { data } = verify
  return (
    <div className="flex flex-col items-start gap-3">
      <Button isBusy={verify.isPending} onClick={() => verify.mutate()}>
        {isWhole ? 'Verify the whole log' : 'Verify'}
      </Button>
      <div role="status" aria-label={isWhole ? 'The whole log' : 'The log of this account'}>
        {data?.fault === null && (
          <Notice tone="ok">
            <p>{formatNumber(data.lines)} lines are as they were written, none is missing.</p>
          </Notice>
        )}
      </div>
      {data !== undefined && data.fault !== null && (
        <Notice tone="danger" isUrgent>
          <p className="font-medium">The log is not whole.</p>
          <p className="break-words">
            {data.fault.message} {formatNumber(data.lines)} lines before it are as they were written.
          </p>
          {data.fault.entryId !== null && <p className="font-mono text-xs break-all">{data.fault.entryId}</p>}
        </Notice>
      )}
      {verify.isError && <FormError error={verify.error} />}
    </div>
  )
}
