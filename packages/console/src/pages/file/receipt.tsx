import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { toCurl } from '../../api/curl.ts'
import { receiptQuery, type SignedReceipt } from '../../api/storage.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { plural } from '../../lib/plural.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { CopyButton } from '../../ui/copy.tsx'
import { Fact, FactList } from '../../ui/facts.tsx'
import { Notice } from '../../ui/notice.tsx'
import { Section } from '../../ui/page.tsx'

/** What the installation keeps of a file, in words and signed. */
export function Receipt({ fileId }: { readonly fileId: string }) {
  const { data, error, refetch } = useQuery(receiptQuery(fileId))
  return (
    <Section
      title="Receipt"
      lead="What we hold, where, and when we last read it back. Signed: anybody can verify it."
      actions={
        <span className="flex items-center gap-1">
          <ApiCall curl={toCurl(routes.filesReceipt, { params: { id: fileId } })} />
          {data !== undefined && <CopyButton text={JSON.stringify(data)} label="Copy the signed receipt" />}
        </span>
      }
    >
      {data !== undefined && <Said receipt={data.receipt} />}
      {data === undefined &&
        (error === null ? <Waiting /> : <ErrorPanel error={error} onRetry={() => void refetch()} />)}
    </Section>
  )
}

function Said({ receipt }: Pick<SignedReceipt, 'receipt'>) {
  const { durableAt, verifiedAt, verifiedBy, numberOfBlocks, copies, damagedBlocks } = receipt
  return (
    <>
      {damagedBlocks > 0 && (
        <Notice tone="danger">
          <p>
            {plural(damagedBlocks, 'block')} of it cannot be read whole, and what is damaged is never served. Upload the
            content again: whole blocks take the place of damaged ones.
          </p>
        </Notice>
      )}
      <FactList>
        <Fact name="Durable since">{formatDayAndTime(durableAt)}</Fact>
        <Fact name="Verified">
          {formatDayAndTime(verifiedAt)}
          <span className="text-muted">
            {verifiedBy === 'scrub' ? ', read back from the disk' : ', as it came in; it will be read back'}
          </span>
        </Fact>
        <Fact name="Blocks">{formatNumber(numberOfBlocks)}</Fact>
        <Fact name="Whole copies">{formatNumber(copies.disk)} on disk</Fact>
      </FactList>
    </>
  )
}
