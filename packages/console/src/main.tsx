import './styles.css'
// Before the router reads the address: a token that stands in it must not stay there.
// oxlint-disable-next-line import/no-unassigned-import -- what it does when it is loaded is what is wanted
import './lib/fragment-token.ts'
import { QueryClientProvider } from '@tanstack/react-query'
import { RouterProvider } from '@tanstack/react-router'
import { setNonce } from 'get-nonce'
import { StrictMode } from 'react'
import { createRoot } from 'react-dom/client'
import { queryClient } from './api/client.ts'
import { router } from './router.tsx'
import { applyTheme, readTheme } from './shell/theme.ts'

// The policy of the page allows only styles that carry this; dialogs hold the page still by one.
const nonce = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')?.nonce
if (nonce !== undefined) setNonce(nonce)
applyTheme(readTheme())

const root = document.getElementById('root')
if (root === null) throw new Error('The page has no root')
createRoot(root).render(
  <StrictMode>
    <QueryClientProvider client={queryClient}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
)
