import { type AnswerOf, createClient } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { Play } from 'lucide-react'
import { useEffect, useState } from 'react'
import { toCurl } from '../api/curl.ts'
import { explain } from '../api/explain.ts'
import { Button } from '../ui/button.tsx'
import { Code } from '../ui/code.tsx'
import { Notice } from '../ui/notice.tsx'

type KeyFacts = AnswerOf<typeof routes.whoami>

/** Asks with this key and nothing else: the session's cookie stays out of it. */
function clientOf(jwt: string) {
  return createClient({
    apiUrl: location.origin,
    jwt,
    fetch: (url, init) => fetch(url, { ...init, credentials: 'omit' }),
  })
}

/** What the server says of a key, asked with that key; no use of it. Kept in no cache. Undefined while it is not known. */
export function useKeyFacts(jwt: string): KeyFacts | undefined {
  const [facts, setFacts] = useState<KeyFacts>()
  useEffect(() => {
    const ending = new AbortController()
    // What is missing without an answer is left out; pressing Run says what is wrong.
    clientOf(jwt)
      .call(routes.whoami, { signal: ending.signal })
      .then(setFacts, () => undefined)
    return () => ending.abort()
  }, [jwt])
  return facts
}

interface KeyTrialProps {
  readonly jwt: string
  readonly facts: KeyFacts | undefined
}

type Outcome = { readonly answer: string } | { readonly error: unknown }

/** A first request with a new key: to copy, or to be made at once, with the true answer. */
export function KeyTrial({ jwt, facts }: KeyTrialProps) {
  const [outcome, setOutcome] = useState<Outcome>()
  const [isBusy, setBusy] = useState(false)
  // Only admin keys may ask the one that programs know.
  const row = isAdmin(facts) ? routes.testAuthentication : routes.whoami
  const run = async () => {
    setBusy(true)
    try {
      setOutcome({ answer: JSON.stringify(await clientOf(jwt).call(row), undefined, 2) })
    } catch (error) {
      setOutcome({ error })
    }
    setBusy(false)
  }
  const usesLeft = facts?.key?.usesLeft
  return (
    <section aria-label="Try it" className="flex flex-col gap-2">
      <div className="flex items-center justify-between gap-2">
        <h3 className="font-medium">Try it</h3>
        <Button size="small" isBusy={isBusy} onClick={() => void run()}>
          <Play />
          Run
        </Button>
      </div>
      <Code text={toCurl(row).replace('$PINYON_JWT', jwt)} label="command" />
      {row === routes.testAuthentication && typeof usesLeft === 'number' && (
        <p className="text-table text-muted">Running it is one of the {usesLeft} uses this key has left.</p>
      )}
      <div role="status">{outcome !== undefined && <Answer outcome={outcome} />}</div>
    </section>
  )
}

function isAdmin(facts: KeyFacts | undefined): boolean {
  const scopes = facts?.scopes
  return typeof scopes === 'object' && scopes !== null && 'admin' in scopes && scopes.admin === true
}

function Answer({ outcome }: { readonly outcome: Outcome }) {
  if ('answer' in outcome) {
    return (
      <Notice tone="ok">
        <p className="font-medium">The key works. The server answered:</p>
        <pre tabIndex={0} aria-label="Answer" className="max-h-40 overflow-auto font-mono text-xs leading-5">
          {outcome.answer}
        </pre>
      </Notice>
    )
  }
  const { title, message, code } = explain(outcome.error)
  return (
    <Notice tone="danger">
      <p className="font-medium">{title}</p>
      <p>{message}</p>
      {code !== undefined && <p className="text-muted font-mono text-xs">{code}</p>}
    </Notice>
  )
}
