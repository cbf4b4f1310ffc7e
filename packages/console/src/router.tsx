import { createRoute, createRouter, redirect, type ErrorComponentProps } from '@tanstack/react-router'
import { queryClient, sessionLost } from './api/client.ts'
import { forgetEverything } from './api/session.ts'
import { paths } from './paths.ts'
import { accessPages } from './router/access.ts'
import { doorwayPages } from './router/doorway.ts'
import { housePages } from './router/house.ts'
import { root, signedIn } from './router/root.tsx'
import { storedPages } from './router/stored.ts'
import { beginAnew } from './shell/begun-anew.tsx'
import { ErrorPanel } from './shell/error-panel.tsx'
import { Waiting } from './shell/waiting.tsx'

const home = createRoute({
  getParentRoute: () => root,
  path: '/',
  beforeLoad() {
    // oxlint-disable-next-line typescript/only-throw-error -- how this router is told to go elsewhere
    throw redirect(paths.files)
  },
})

/** The console's pages, each loaded when it is first gone to. */
export const router = createRouter({
  routeTree: root.addChildren([
    home,
    ...doorwayPages,
    signedIn.addChildren([...storedPages, ...accessPages, ...housePages]),
  ]),
  context: { queryClient },
  defaultPreload: 'intent',
  // The query cache knows what is fresh.
  defaultPreloadStaleTime: 0,
  defaultPendingMs: 300,
  defaultPendingMinMs: 0,
  defaultPendingComponent: Waiting,
  defaultErrorComponent: PageError,
  scrollRestoration: true,
})

function PageError({ error, reset }: ErrorComponentProps) {
  return (
    <div className="mx-auto w-full max-w-2xl p-4">
      <ErrorPanel
        error={error}
        onRetry={() => {
          void queryClient.invalidateQueries()
          void router.invalidate()
          reset()
        }}
      />
    </div>
  )
}

sessionLost.onSignedOut = () => {
  const from = router.state.location.href
  forgetEverything()
  void router.navigate({ ...paths.signIn, search: { from } })
}
sessionLost.onChanged = () => beginAnew({ isNoticed: true })

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
