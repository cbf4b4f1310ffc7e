import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { Download } from 'lucide-react'
import { toCurl } from '../../api/curl.ts'
import { receiptQuery, type SignedReceipt } from '../../api/storage.ts'
import { formatNumber } from '../../lib/format-bytes.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { saveText } from '../../lib/save-text.ts'
import { plural } from '../../lib/plural.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
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
          {data !== undefined && (
            <>
              <CopyButton text={JSON.stringify(data)} label="Copy the signed receipt" />
              <Button
                look="quiet"
                size="icon"
                aria-label="Download the signed receipt"
                title="Download the signed receipt"
                onClick={() => saveText(`receipt-${fileId}.json`, JSON.stringify(data))}
              >
                <Download />
              </Button>
            </>
          )}
        </span>
      }
    >
      {data !== undefined && (
        <>
          <Said receipt={data.receipt} />
          <HowToCheck fileId={fileId} />
        </>
      )}
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

/** Whoever is shown a receipt need not believe whoever shows it. */
function HowToCheck({ fileId }: { readonly fileId: string }) {
  const file = `receipt-${fileId}.json`
  const verify = `import { readFile } from 'node:fs/promises'
import { compactVerify, createRemoteJWKSet } from 'jose'

const { receipt, jws } = JSON.parse(await readFile('${file}', 'utf8'))
const keys = createRemoteJWKSet(new URL('${location.origin}/.well-known/jwks.json'))
const { payload, protectedHeader } = await compactVerify(jws, keys, { algorithms: ['RS256'] })
const isSame = new TextDecoder().decode(payload) === JSON.stringify(receipt)
console.log(protectedHeader.typ === 'pinyon-receipt+jws' && isSame ? receipt : 'This is not what was signed.')`
  return (
    <details>
      <summary className="text-muted hover:text-ink w-fit cursor-pointer">How to check it</summary>
      <div className="flex flex-col gap-3 pt-2">
        <p>
          Download it. A checkout of Pinyon verifies it; so does any program that knows JWS (RFC 7515) and this
          installation’s public keys.
        </p>
        <Code label="with ./pinyon" text={`./pinyon receipt --verify ${file}`} />
        <Code label="with Node.js and jose" text={verify} />
      </div>
    </details>
  )
}
