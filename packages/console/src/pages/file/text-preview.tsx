import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions, useQuery } from '@tanstack/react-query'
import { client } from '../../api/client.ts'
import { formatBytes } from '../../lib/format-bytes.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'

/** What is read of a text: enough to know it by. */
const firstBytes = 65_536

interface TextPreviewProps {
  readonly id: string
  readonly path: string
  readonly isJson: boolean
  /** Null where it is not known. */
  readonly sizeBytes: number | null
}

/** The beginning of a text, as text and nothing else. JSON is laid out. */
export function TextPreview({ id, path, isJson, sizeBytes }: TextPreviewProps) {
  const { data, error, refetch } = useQuery({ ...beginningQuery(id, path), enabled: sizeBytes !== 0 })
  if (sizeBytes === 0) return <p className="text-muted">The file is empty.</p>
  if (error !== null) return <ErrorPanel error={error} onRetry={() => void refetch()} />
  if (data === undefined) return <div aria-busy className="bg-sunken h-40 rounded-md" />
  return (
    <div className="flex flex-col gap-1">
      <pre
        tabIndex={0}
        aria-label="Content"
        dir="auto"
        className="bg-sunken border-line max-h-[60dvh] overflow-auto rounded-md border p-3 font-mono text-xs leading-5 break-words whitespace-pre-wrap"
      >
        {isJson && data.isWhole ? laidOut(data.text) : data.text}
      </pre>
      {!data.isWhole && (
        <p className="text-muted text-table">The first {formatBytes(firstBytes)}. Download it for the rest.</p>
      )}
    </div>
  )
}

function beginningQuery(id: string, path: string) {
  return queryOptions({
    queryKey: ['files', 'beginning', id, path],
    async queryFn({ signal }) {
      const answer = await client.open(routes.filesContent, {
        params: { id },
        query: { path: path === '' ? undefined : path },
        headers: { range: `bytes=0-${firstBytes - 1}` },
        signal,
      })
      const bytes = await answer.arrayBuffer()
      const all = Number(answer.headers.get('content-range')?.split('/')[1] ?? bytes.byteLength)
      return { text: new TextDecoder().decode(bytes), isWhole: bytes.byteLength >= all }
    },
    staleTime: Infinity, // content never changes
  })
}

function laidOut(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), undefined, 2)
  } catch {
    return json // it only calls itself JSON
  }
}
