import { routes } from '@pinyon/contract/routes.ts'
import { Link } from '@tanstack/react-router'
import { toCurl } from '../../api/curl.ts'
import type { File } from '../../api/files.ts'
import { useWhoami } from '../../api/session.ts'
import { paths } from '../../paths.ts'
import { Code } from '../../ui/code.tsx'
import { CopyField } from '../../ui/copy.tsx'

/** Where the file can be read, and how a program downloads it. */
export function Links({ file }: { readonly file: File }) {
  const { urls } = useWhoami()
  const isPublic = file.network === 'public'
  const query = file.mime_type === 'directory' ? { format: 'car' } : {}
  const download = isPublic
    ? `curl -o ${quoted(file.name ?? file.cid)} '${urls.gateway}/ipfs/${file.cid}${file.mime_type === 'directory' ? '?format=car' : ''}'`
    : `${toCurl(routes.filesContent, { params: { id: file.id }, query })} \\\n  -o ${quoted(file.name ?? file.cid)}`
  return (
    <div className="flex flex-col gap-3">
      {isPublic ? (
        <>
          <CopyField label="Gateway link" value={`${urls.gateway}/ipfs/${file.cid}`} />
          <CopyField label="IPFS address" value={`ipfs://${file.cid}`} />
        </>
      ) : (
        <p className="text-muted">
          Stored here only; read by link. Share makes one.{' '}
          <Link {...paths.linksBy({ file: file.id })} className="text-accent underline">
            Links to this file
          </Link>
        </p>
      )}
      <h3 className="font-medium">Download with cURL</h3>
      <Code label="cURL command" text={download} />
      <h3 className="font-medium">Download with the Pinata SDK</h3>
      <Code label="SDK call" text={sdkCall(urls, file)} />
    </div>
  )
}

function sdkCall(urls: { readonly api: string; readonly gateway: string }, { cid, network }: File): string {
  const call =
    network === 'public'
      ? `const { data } = await pinata.gateways.public.get('${cid}')`
      : `const link = await pinata.gateways.private.createAccessLink({ cid: '${cid}', expires: 3600 })`
  return `import { PinataSDK } from 'pinata'

const pinata = new PinataSDK({
  pinataJwt: process.env.PINYON_JWT,
  pinataGateway: '${urls.gateway}',
  endpointUrl: '${urls.api}/v3',
})
${call}`
}

/** A file name for POSIX shells that stays in the folder one is in: names may be anybody's. */
function quoted(name: string): string {
  const plain = name.replaceAll(/[/\p{Cc}]/gu, '_').replace(/^[-.]+/, '_')
  return `'${plain.replaceAll("'", `'\\''`)}'`
}
