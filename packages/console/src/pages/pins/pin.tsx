import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { FileText, Globe, PinOff, RotateCw } from 'lucide-react'
import { useState } from 'react'
import { toCurl } from '../../api/curl.ts'
import { useLive } from '../../api/live.ts'
import { removalWords, statusWords, titleOf } from '../../api/pin-words.ts'
import { askPinsAnew, type Pin, pinEvents, pinQuery } from '../../api/pins.ts'
import { useWhoami } from '../../api/session.ts'
import { RemovePins } from '../../forms/remove-pins.tsx'
import { useRetryPin } from '../../forms/retry-pin.ts'
import { plural } from '../../lib/plural.ts'
import { paths } from '../../paths.ts'
import { ErrorPanel } from '../../shell/error-panel.tsx'
import { Kept } from '../../shell/kept.tsx'
import { Spellings } from '../../shell/spellings.tsx'
import { Waiting } from '../../shell/waiting.tsx'
import { ApiCall } from '../../ui/api-call.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyValue, Pairs } from '../../ui/facts.tsx'
import { LiveMark } from '../../ui/live-mark.tsx'
import { Page, Section } from '../../ui/page.tsx'
import { PinFacts } from './pin-facts.tsx'
import { PinProgress } from './pin-progress.tsx'
import { TriedSources } from './tried-sources.tsx'

const route = getRouteApi('/signed-in/pins/$id')

/** One pin by CID: where it stands, why, and what would help. */
export function PinPage() {
  const { id } = route.useParams()
  const { data: pin, error, refetch } = useQuery(pinQuery(id))
  if (pin !== undefined) {
    return (
      <Kept error={error} onRetry={() => void refetch()}>
        <Shown pin={pin} />
      </Kept>
    )
  }
  return (
    <Page title="Pin">
      {error === null ? (
        <Waiting />
      ) : (
        <>
          <ErrorPanel error={error} onRetry={() => void refetch()} />
          <div>
            <Button asChild>
              <Link {...paths.pins}>All pins</Link>
            </Button>
          </div>
        </>
      )}
    </Page>
  )
}

function Shown({ pin }: { readonly pin: Pin }) {
  const [isRemoving, setRemoving] = useState(false)
  const navigate = useNavigate()
  const retry = useRetryPin()
  const isLive = useLive(pinEvents, askPinsAnew)
  const { label, tone } = statusWords[pin.status]
  const isPinned = pin.status === 'pinned'
  return (
    <Page
      title={titleOf(pin)}
      lead={
        <>
          <span role="status">
            <Badge tone={tone}>{label}</Badge>
          </span>{' '}
          <span dir="auto" className="wrap-anywhere">
            {statusSentence(pin)}
          </span>
        </>
      }
      actions={
        <>
          <LiveMark isLive={isLive} />
          <ApiCall curl={toCurl(routes.pinsGet, { params: { id: pin.id } })} />
          {isPinned && <Reading pin={pin} />}
          <Button
            isBusy={retry.isPending}
            disabledBecause={isPinned && 'It is pinned already.'}
            onClick={() => retry.mutate(pin)}
          >
            <RotateCw />
            Retry now
          </Button>
          <Button look="danger" onClick={() => setRemoving(true)}>
            <PinOff />
            {removalWords[pin.status].verb}
          </Button>
        </>
      }
    >
      {retry.isError && <ErrorPanel error={retry.error} onRetry={() => retry.mutate(pin)} />}
      <PinProgress pin={pin} />
      {(!isPinned || pin.tried.length > 0) && (
        <Section title="Sources tried" lead="Who was asked for its blocks, and what came of it.">
          <TriedSources pin={pin} />
        </Section>
      )}
      <div className="grid gap-8 lg:grid-cols-2 [&>*]:min-w-0">
        <Section title="About it">
          <PinFacts pin={pin} />
        </Section>
        <div className="flex flex-col gap-8">
          <Section title="Origins" lead="Addresses named with the pin, asked before anybody else.">
            <Origins origins={pin.origins} />
          </Section>
          <Section title="Key-values">
            <Pairs pairs={pin.keyvalues} none="None were given with it." />
          </Section>
          <Section title="CID">
            <Spellings cid={pin.cid} />
          </Section>
        </div>
      </div>
      {isRemoving && (
        <RemovePins pins={[pin]} onClose={() => setRemoving(false)} onRemoved={() => void navigate(paths.pins)} />
      )}
    </Page>
  )
}

function Reading({ pin }: { readonly pin: Pin }) {
  const { urls } = useWhoami()
  return (
    <>
      <Button asChild>
        <Link {...paths.file(pin.id)}>
          <FileText />
          Open the file
        </Link>
      </Button>
      <Button asChild>
        <a href={`${urls.gateway}/ipfs/${pin.cid}`} target="_blank" rel="noreferrer">
          <Globe />
          Open in gateway
        </a>
      </Button>
    </>
  )
}

function Origins({ origins }: { readonly origins: readonly string[] }) {
  if (origins.length === 0) {
    return (
      <p className="text-muted">
        None. Whoever pins a CID that only their own node has names that node’s address, so that it is found.
      </p>
    )
  }
  return (
    <ul className="flex flex-col gap-1">
      {origins.map((origin) => (
        <li key={origin}>
          <CopyValue text={origin} label={`Copy origin ${origin}`} />
        </li>
      ))}
    </ul>
  )
}

/** What the server says; short where the reason, which is said below with what would help, would be said twice. */
function statusSentence({ status, statusDetails, reason, attempts }: Pin): string {
  if (reason === null || !statusDetails.includes(reason.message)) return statusDetails
  return status === 'failed' ? `Given up after ${plural(attempts, 'attempt')}.` : 'Keeps trying.'
}
