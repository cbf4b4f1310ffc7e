import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** What the installation says of a file, signed. */
export type SignedReceipt = AnswerOf<typeof routes.filesReceipt>

/** How what is stored fares, for operators. */
export type StorageHealth = AnswerOf<typeof routes.storageHealth>

/** Bytes of the account's files: charged, distinct, shared, reclaimable. */
export type Usage = AnswerOf<typeof routes.usageGet>

/** The receipt of a file, as of now. */
export function receiptQuery(id: string) {
  return queryOptions({
    queryKey: ['files', 'receipt', id],
    queryFn: ({ signal }) => client.call(routes.filesReceipt, { params: { id }, signal }),
  })
}

/** What the account's files take, and for operators all files together. */
export const usageQuery = queryOptions({
  queryKey: ['usage', 'storage'],
  queryFn: ({ signal }) => client.call(routes.usageGet, { signal }),
  refetchOnWindowFocus: 'always',
})

/** How far the scrub is, and what is damaged. */
export const storageHealthQuery = queryOptions({
  queryKey: ['storage'],
  queryFn: ({ signal }) => client.call(routes.storageHealth, { signal }),
  refetchInterval: 10_000,
})
