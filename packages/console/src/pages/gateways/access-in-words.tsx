import { useQuery } from '@tanstack/react-query'
import { accessQuery } from '../../api/gateways.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Late } from '../../ui/late.tsx'
import { Notice } from '../../ui/notice.tsx'

/** Who can read what at a gateway, and where it is reached. */
export function AccessInWords({ gatewayId }: { readonly gatewayId: string }) {
  const { data, error, refetch } = useQuery(accessQuery(gatewayId))
  if (data === undefined) return error === null ? <Late /> : <ErrorPanel error={error} onRetry={() => void refetch()} />
  return (
    <Notice tone="ok">
      {data.sentences.map((sentence) => (
        <p key={sentence} className="break-words">
          {sentence}
        </p>
      ))}
      <p className="break-words">
        Reached at{' '}
        {data.hosts
          .filter(({ served }) => served)
          .map(({ host }) => host)
          .join(', ') || 'no host yet'}
        .
      </p>
    </Notice>
  )
}
