import type { AnswerOf } from '@pinyon/contract/client.ts'
import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** What is well in this installation and what is not, for operators. */
export type InstallationHealth = AnswerOf<typeof routes.installationHealth>

/** The same as of now. Fails with 503 where requests are not served. */
export const installationHealthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => client.call(routes.installationHealth, { signal }),
  refetchInterval: 10_000,
  staleTime: 0,
  retry: false,
})
