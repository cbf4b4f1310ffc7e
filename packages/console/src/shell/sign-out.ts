import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { client } from '../api/client.ts'
import { doubtSession, forgetEverything } from '../api/session.ts'
import { paths } from '../paths.ts'
import { forgetAllUnfinished } from '../uploads/unfinished.ts'

/** Ends the session and leaves nothing of it in this page, nor names of unfinished uploads in this browser. */
export function useSignOut() {
  const navigate = useNavigate()
  return useMutation({
    mutationFn: () => client.call(routes.signOut),
    async onSuccess() {
      // Whoever goes back before the page has changed is not let in by what is remembered.
      doubtSession()
      await navigate(paths.signIn)
      forgetEverything()
      forgetAllUnfinished()
    },
  })
}
