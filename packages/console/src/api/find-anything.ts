import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { cidIn } from './cid-in.ts'
import { client } from './client.ts'

/** Something of the account that is called what was typed, or has that CID. */
export type Found =
  | { readonly kind: 'file' | 'pin' | 'key'; readonly id: string; readonly name: string }
  | { readonly kind: 'group'; readonly id: string; readonly name: string; readonly network: 'public' | 'private' }

const limit = 5

/** Files, groups, pins and keys by part of their name, or by CID. What the caller may not list is left out. */
export function findAnythingQuery(typed: string) {
  const text = typed.trim()
  return queryOptions({
    queryKey: ['found', text],
    async queryFn({ signal }): Promise<readonly Found[]> {
      const cid = cidIn(text)
      const query = { limit, ...(cid === undefined ? { name: text } : { cid }) }
      const networks = ['public', 'private'] as const
      const parts = await Promise.allSettled([
        ...networks.map(async (network) => {
          const { data } = await client.call(routes.filesList, { params: { network }, query, signal })
          return data.files.map(({ id, name, cid: root }): Found => ({ kind: 'file', id, name: name ?? root }))
        }),
        client
          .call(routes.pinsPage, { query: { ...query, status: 'queued,pinning,failed' }, signal })
          .then(({ pins }) => pins.map(({ id, name, cid: root }): Found => ({ kind: 'pin', id, name: name ?? root }))),
        ...(cid === undefined
          ? [
              ...networks.map(async (network) => {
                const { data } = await client.call(routes.groupsList, { params: { network }, query, signal })
                return data.groups.map(({ id, name }): Found => ({ kind: 'group', id, name, network }))
              }),
              client
                .call(routes.keysPage, { query, signal })
                .then(({ keys }) => keys.map(({ id, name }): Found => ({ kind: 'key', id, name }))),
            ]
          : []),
      ])
      return parts.flatMap((part) => (part.status === 'fulfilled' ? part.value : []))
    },
    enabled: text.length >= 2,
    staleTime: 5_000,
    gcTime: 60_000,
    placeholderData: (before) => before,
  })
}
