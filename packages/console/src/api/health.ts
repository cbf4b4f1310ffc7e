import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** Whether requests are served. Fails where they are not. */
export const healthQuery = queryOptions({
  queryKey: ['health'],
  queryFn: ({ signal }) => client.call(routes.healthReady, { signal }),
  refetchInterval: 10_000,
  staleTime: 0,
  retry: false,
})
