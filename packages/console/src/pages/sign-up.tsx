import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { signUpLinkQuery, signUpModeQuery } from '../api/sign-up.ts'
import { JoinForm } from '../forms/join-form.tsx'
import { RequestAccountForm } from '../forms/request-account-form.tsx'
import { formatBytes } from '../lib/format-bytes.ts'
import { forgetFragmentToken, useFragmentToken } from '../lib/fragment-token.ts'
import { formatDayAndTime } from '../lib/format-time.ts'
import { paths } from '../paths.ts'
import { Doorstep } from '../shell/doorstep.tsx'
import { ErrorPanel } from '../shell/error-panel.tsx'
import { Insecure } from '../shell/insecure.tsx'
import { Waiting } from '../shell/waiting.tsx'
import { Button } from '../ui/button.tsx'

/** Joining by a link of the operator, or asking for an account. */
export function SignUpPage() {
  const token = useFragmentToken()
  const [done, setDone] = useState<'joined' | 'asked'>()
  if (done === 'joined') {
    return (
      <Doorstep
        title="You may sign in"
        lead="If you had an account here before, sign in with the password of that one: joining again changes nothing about it."
      >
        <Button asChild look="primary">
          <Link {...paths.signIn}>Sign in</Link>
        </Button>
      </Doorstep>
    )
  }
  if (done === 'asked') {
    return (
      <Doorstep
        title="Asked"
        lead="The operator of this server sees your request, and gives you a link when it is accepted."
      >
        <Button asChild>
          <Link {...paths.signIn}>To the sign-in page</Link>
        </Button>
      </Doorstep>
    )
  }
  if (token === undefined) return <Request onAsked={() => setDone('asked')} />
  return (
    <Join
      token={token}
      onJoined={() => {
        forgetFragmentToken()
        setDone('joined')
      }}
    />
  )
}

function Join({ token, onJoined }: { readonly token: string; readonly onJoined: () => void }) {
  const { data, error, refetch } = useQuery(signUpLinkQuery(token))
  if (error !== null) {
    return (
      <Doorstep title="Join">
        <ErrorPanel error={error} onRetry={() => void refetch()} />
      </Doorstep>
    )
  }
  if (data === undefined) {
    return (
      <Doorstep title="Join">
        <Waiting />
      </Doorstep>
    )
  }
  const room = data.quotaBytes === null ? 'as much as the disk takes' : formatBytes(data.quotaBytes)
  return (
    <Doorstep
      title="Join"
      lead={`You get an account of your own, which may hold ${room}. The link is good until ${formatDayAndTime(data.expiresAt)}.`}
    >
      <Insecure />
      <JoinForm token={token} onJoined={onJoined} />
    </Doorstep>
  )
}

function Request({ onAsked }: { readonly onAsked: () => void }) {
  const { data, error, refetch } = useQuery(signUpModeQuery)
  return (
    <Doorstep
      title="Ask for an account"
      lead={
        data === undefined || data.mode === 'request'
          ? 'The operator of this server decides.'
          : 'Accounts of this server are made by its operator. If you were given a link, open the whole of it: it ends in #token= and many letters.'
      }
    >
      {error !== null && <ErrorPanel error={error} onRetry={() => void refetch()} />}
      {data?.mode === 'request' && <RequestAccountForm onAsked={onAsked} />}
      <p className="text-muted">
        You have one?{' '}
        <Link {...paths.signIn} className="text-accent underline">
          Sign in
        </Link>
      </p>
    </Doorstep>
  )
}
