import type { Page } from 'playwright-core'

/** Where in the page a secret can still be found: none, once the page has forgotten it. */
export function findSecrets(page: Page, secrets: readonly string[]): Promise<string[]> {
  return page.evaluate(async (wanted) => {
    const places: Record<string, string> = {
      markup: document.documentElement.outerHTML,
      fields: [...document.querySelectorAll('input, textarea')]
        .map((field) => (field as HTMLInputElement).value)
        .join('\n'),
      address: location.href,
      history: JSON.stringify(history.state),
      'local storage': JSON.stringify({ ...localStorage }),
      'session storage': JSON.stringify({ ...sessionStorage }),
      'cookies of scripts': document.cookie,
      databases: JSON.stringify(await indexedDB.databases()),
      caches: await readCaches(),
      queries: readQueries(),
    }
    return Object.entries(places)
      .filter(([, text]) => wanted.some((secret) => text.includes(secret)))
      .map(([place]) => place)

    async function readCaches(): Promise<string> {
      const texts: string[] = []
      for (const name of await caches.keys()) {
        const cache = await caches.open(name)
        for (const request of await cache.keys()) {
          texts.push(request.url, (await (await cache.match(request))?.text()) ?? '')
        }
      }
      return texts.join('\n')
    }

    /** What React Query remembers of answers and changes; its client stands in the tree that React keeps on the root. */
    function readQueries(): string {
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
      const root = document.getElementById('root') as unknown as Record<string, Fiber> | null
      const key = Object.keys(root ?? {}).find((name) => name.startsWith('__reactContainer'))
      for (let fiber = root?.[key ?? ''] ?? null; fiber !== null; fiber = fiber.child) {
        const client = fiber.memoizedProps?.client
        if (client?.getQueryCache === undefined) continue
        const states = [...client.getQueryCache().getAll(), ...client.getMutationCache().getAll()]
        return JSON.stringify(states.map(({ state }) => state))
      }
      throw new Error('the query client was not found, so what it keeps could not be looked at')
    }
  }, secrets)
}
