import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client } from './client.ts'

/** Whether somebody has set this server up. */
export const setUpStateQuery = queryOptions({
  queryKey: ['set-up'],
  queryFn: ({ signal }) => client.call(routes.setUpState, { signal }),
  // Somebody else may do it meanwhile, on the command line.
  staleTime: 0,
})
