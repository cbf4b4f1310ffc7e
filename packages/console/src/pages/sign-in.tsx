import { routes } from '@pinyon/contract/routes.ts'
import { useQuery } from '@tanstack/react-query'
import { Link, useRouter, useSearch } from '@tanstack/react-router'
import { useEffect } from 'react'
import { client, isSignedOut } from '../api/client.ts'
import { forgetOthers } from '../api/session.ts'
import { setUpStateQuery } from '../api/set-up.ts'
import { signUpModeQuery } from '../api/sign-up.ts'
import { SignInForm } from '../forms/sign-in-form.tsx'
import { readOwnPath } from '../lib/own-path.ts'
import { paths } from '../paths.ts'
import { Doorstep } from '../shell/doorstep.tsx'
import { Insecure } from '../shell/insecure.tsx'
import { Button } from '../ui/button.tsx'

/** Signing in, and on to where one wanted to go. */
export function SignInPage() {
  const { from } = useSearch({ from: '/sign-in' })
  const router = useRouter()
  const setUpState = useQuery(setUpStateQuery)
  const mode = useQuery(signUpModeQuery)
  const goOn = () => router.history.replace(readOwnPath(from ?? '') ?? paths.files.to)
  useEffect(() => {
    // Whoever is signed in already goes on. Asked of the server: what is kept here may be of a session that ended.
    client.call(routes.sessionCurrent).then(goOn, (error: unknown) => isSignedOut(error) && forgetOthers())
    // oxlint-disable-next-line react-hooks/exhaustive-deps -- once, when the page opens
  }, [])
  if (setUpState.data?.done === false) {
    return (
      <Doorstep title="Sign in" lead="This server is not set up yet, so there is nobody to sign in as.">
        <Button asChild look="primary">
          <Link {...paths.setUp}>Set it up</Link>
        </Button>
      </Doorstep>
    )
  }
  return (
    <Doorstep title="Sign in">
      <Insecure />
      <SignInForm onSignedIn={goOn} />
      {mode.data?.mode === 'request' && (
        <p>
          No account yet?{' '}
          <Link {...paths.signUp} className="text-accent underline">
            Ask for one
          </Link>
        </p>
      )}
      <p className="text-table text-muted">
        Password forgotten? Whoever runs this server makes a link for a new one:{' '}
        <code className="font-mono">./pinyon admin reset-password E-MAIL</code>
      </p>
    </Doorstep>
  )
}
