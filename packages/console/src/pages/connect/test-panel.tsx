import { useMutation } from '@tanstack/react-query'
import { type RefObject, useEffect, useRef } from 'react'
import { explain } from '../../api/explain.ts'
import { testKey, type KeyTest } from '../../api/test-key.ts'
import { formatDayAndTime } from '../../lib/format-time.ts'
import { plural } from '../../lib/plural.ts'
import { Button } from '../../ui/button.tsx'
import { Code } from '../../ui/code.tsx'
import { Field } from '../../ui/field.tsx'
import { Notice } from '../../ui/notice.tsx'
import { PasswordInput } from '../../ui/password-input.tsx'
import { LabelledCheckbox } from '../../ui/toggle.tsx'
import { findTrouble } from './troubles.ts'

interface TestPanelProps {
  readonly jwt: string
  readonly onChange: (jwt: string) => void
  readonly isInSnippets: boolean
  readonly onInSnippets: (isInSnippets: boolean) => void
}

/** Tries a key and shows what the server says to it. The key is in this page only, and only while the page is shown. */
export function TestPanel({ jwt, onChange, isInSnippets, onInSnippets }: TestPanelProps) {
  const { mutate, reset, data, error, isPending } = useMutation({
    mutationFn: (tried: string) => testKey(tried),
    // What is cached of a mutation holds what was sent.
    gcTime: 0,
  })
  const answer = useRef<HTMLDivElement>(null)
  useForget(() => {
    onChange('')
    reset()
  })
  return (
    <form
      className="flex flex-col gap-4"
      onSubmit={(event) => {
        event.preventDefault()
        if (jwt.trim() !== '' && !isPending) mutate(jwt.trim(), { onSettled: () => answer.current?.focus() })
      }}
    >
      <Field
        label="JWT of a key"
        hint="Sent to this server once, as the Authorization header of the test. It is not stored, and is gone when you leave this page. A key with Max Uses spends one on a test that succeeds."
      >
        <PasswordInput
          autoComplete="off"
          value={jwt}
          onChange={(event) => {
            onChange(event.target.value)
            reset()
          }}
        />
      </Field>
      <div className="flex flex-wrap items-center gap-4">
        <Button
          type="submit"
          look="primary"
          isBusy={isPending}
          disabledBecause={jwt.trim() === '' && 'Paste a JWT first.'}
        >
          Test
        </Button>
        <LabelledCheckbox
          id="in-snippets"
          label="Put it into the lines above"
          checked={isInSnippets}
          onChange={onInSnippets}
        />
      </div>
      <Answer data={data} error={error} place={answer} />
    </form>
  )
}

interface AnswerProps {
  readonly data: KeyTest | undefined
  readonly error: Error | null
  readonly place: RefObject<HTMLDivElement | null>
}

function Answer({ data, error, place }: AnswerProps) {
  return (
    <div ref={place} role="status" aria-label="Answer" tabIndex={-1} className="flex flex-col gap-3 outline-none">
      {error !== null && (
        <Notice tone="danger">
          <p>{isUnsendable(error) ? unsendable : explain(error).message}</p>
        </Notice>
      )}
      {data !== undefined && (
        <>
          <Notice tone={data.test.status === 200 ? 'ok' : data.whoami === undefined ? 'danger' : 'warn'}>
            <Meaning {...data} />
          </Notice>
          <p>
            GET /data/testAuthentication answered <strong>{data.test.status}</strong>:
          </p>
          <Code label="answer" text={indent(data.test.body)} isWrapped />
        </>
      )}
    </div>
  )
}

function Meaning({ test, whoami }: KeyTest) {
  const trouble = findTrouble(test.reason)
  return (
    <>
      {test.status === 200 ? (
        <p className="font-medium">This key works, and may do everything in its account.</p>
      ) : trouble === undefined ? (
        <p className="font-medium">The server could not answer the test just now. Try again.</p>
      ) : (
        <>
          <p className="font-medium">{trouble.title}</p>
          <p>{trouble.todo}</p>
        </>
      )}
      {whoami?.key && (
        <p className="break-words">
          whoami: <bdi className="font-medium">{whoami.key.name}</bdi>, a key of <bdi>{whoami.account.name}</bdi>;{' '}
          {whoami.key.usesLeft === null ? 'unlimited uses' : `${plural(whoami.key.usesLeft, 'use')} left`};{' '}
          {whoami.key.expiresAt === null ? 'does not expire' : `expires ${formatDayAndTime(whoami.key.expiresAt)}`}.
        </p>
      )}
    </>
  )
}

const unsendable =
  'This text has characters that cannot stand in a header, such as a line break in its middle or letters that no JWT has. Copy the JWT again, whole.'

/** The browser refuses such a header before anything is sent, with a TypeError as for a server that is away. */
function isUnsendable(error: Error): boolean {
  return error instanceof TypeError && /header|ByteString|ISO-8859-1/i.test(error.message)
}

function indent(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2)
  } catch {
    return body // as a proxy wrote it
  }
}

/** Forgets also where the browser keeps the whole page to go back to. */
function useForget(forget: () => void): void {
  const latest = useRef(forget)
  useEffect(() => {
    latest.current = forget
  })
  useEffect(() => {
    const onHide = () => latest.current()
    window.addEventListener('pagehide', onHide)
    return () => window.removeEventListener('pagehide', onHide)
  }, [])
}
