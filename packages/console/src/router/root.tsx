import type { QueryClient } from '@tanstack/react-query'
import { createRootRouteWithContext, createRoute, redirect } from '@tanstack/react-router'
import { isSignedOut } from '../api/client.ts'
import { loadSession } from '../api/session.ts'
import { paths } from '../paths.ts'
import { Layout } from '../shell/layout.tsx'
import { NotFound } from '../shell/not-found.tsx'

/** Above all pages. */
export const root = createRootRouteWithContext<{ queryClient: QueryClient }>()({ notFoundComponent: NotFound })

/** Pages of those signed in: whoever is not is led to the sign-in page, and back afterwards. */
export const signedIn = createRoute({
  getParentRoute: () => root,
  id: 'signed-in',
  component: Layout,
  async beforeLoad({ location }) {
    try {
      await loadSession()
    } catch (error) {
      if (!isSignedOut(error)) throw error
      // oxlint-disable-next-line typescript/only-throw-error -- how this router is told to go elsewhere
      throw redirect({ ...paths.signIn, search: { from: location.href } })
    }
  },
})
