import { ApiError } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { client } from '../api/client.ts'
import { type Session, sessionsQuery } from '../api/sessions.ts'
import { describeBrowser } from '../lib/describe-browser.ts'
import { plural } from '../lib/plural.ts'
import { Confirm } from '../ui/confirm.tsx'
import { FormError } from './form-error.tsx'

interface EndSessionsProps {
  /** Which; none while nothing is being ended. */
  readonly sessions: readonly Session[]
  readonly onClose: () => void
}

/** Ends one's sessions in other browsers. */
export function EndSessions({ sessions, onClose }: EndSessionsProps) {
  const queryClient = useQueryClient()
  const end = useMutation({
    async mutationFn() {
      for (const { id } of sessions) {
        await client.call(routes.sessionEnd, { params: { id } }).catch((error: unknown) => {
          // It ended by itself meanwhile.
          if (!(error instanceof ApiError && error.status === 404)) throw error
        })
      }
    },
    onSuccess: onClose,
    onSettled: () => queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey }),
  })
  const [first] = sessions
  return (
    <Confirm
      isOpen={first !== undefined}
      onClose={() => {
        end.reset()
        onClose()
      }}
      title={sessions.length > 1 ? 'End all other sessions' : 'End the session'}
      action={sessions.length > 1 ? `End ${plural(sessions.length, 'session')}` : 'End the session'}
      isBusy={end.isPending}
      onConfirm={() => end.mutate()}
      error={end.isError && <FormError error={end.error} />}
    >
      <p className="break-words">
        {sessions.length > 1 || first === undefined
          ? 'Every browser but this one is signed out at once.'
          : `${describeBrowser(first.agent)} at ${first.address ?? 'an unknown address'} is signed out at once.`}{' '}
        Whoever knows the password can sign in again; change it if that is not you.
      </p>
    </Confirm>
  )
}
