import type { Page } from 'playwright-core'
import { readStores } from './browser-stores.ts'

/** Where in the page and its stores a secret can still be found: nowhere, once the page has forgotten it. */
export async function findSecrets(page: Page, secrets: readonly string[]): Promise<string[]> {
  const places = { ...(await page.evaluate(readDrawn)), stores: await readStores(page) }
  return Object.entries(places)
    .filter(([, text]) => secrets.some((secret) => text.includes(secret)))
    .map(([place]) => place)
}

/** In the page: what is drawn, and what React Query remembers of answers and changes. */
function readDrawn(): Record<string, string> {
  interface Fiber {
    readonly memoizedProps: { readonly client?: QueryClient } | null
    readonly child: Fiber | null
  }
  interface Cache {
    getAll(): readonly { readonly state: unknown }[]
  }
  interface QueryClient {
    getQueryCache?(): Cache
    getMutationCache(): Cache
  }
  const fields = document.querySelectorAll<HTMLInputElement>('input, textarea')
  return {
    markup: document.documentElement.outerHTML,
    fields: [...fields].map(({ value }) => value).join('\n'),
    queries: readQueries(),
  }

  /** The query client stands in the tree that React keeps on the root. */
  function readQueries(): string {
    const root = document.getElementById('root') as unknown as Record<string, Fiber> | null // React writes it there
    const key = Object.keys(root ?? {}).find((name) => name.startsWith('__reactContainer'))
    for (let fiber = root?.[key ?? ''] ?? null; fiber !== null; fiber = fiber.child) {
      const client = fiber.memoizedProps?.client
      if (client?.getQueryCache === undefined) continue
      const states = [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()]
      return JSON.stringify(states.map(({ state }) => state))
    }
    throw new Error('the query client was not found, so what it keeps could not be looked at')
  }
}
