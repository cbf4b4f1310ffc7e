import { routes } from '@pinyon/contract/routes.ts'
import { queryOptions } from '@tanstack/react-query'
import { client, queryClient } from './client.ts'

/** Whether one's sign-in wants a code. */
export const totpQuery = queryOptions({
  queryKey: ['totp'],
  queryFn: ({ signal }) => client.call(routes.totpGet, { signal }),
})

/** The second step was turned on or off, or has new codes. */
export async function refreshTotp(): Promise<void> {
  await Promise.all([
    queryClient.invalidateQueries({ queryKey: ['totp'] }),
    queryClient.invalidateQueries({ queryKey: ['sessions'] }),
    queryClient.invalidateQueries({ queryKey: ['audit'] }),
  ])
}
