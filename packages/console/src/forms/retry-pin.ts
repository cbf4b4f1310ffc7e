import { routes } from '@pinyon/contract/routes.ts'
import { useMutation } from '@tanstack/react-query'
import { client, queryClient } from '../api/client.ts'
import { type Pin, pinQuery, refreshPins } from '../api/pins.ts'

/** Has a pin tried again at once: a failed one begins anew, one that waits does not wait any longer. */
export function useRetryPin() {
  return useMutation({
    mutationFn: ({ id }: Pin) => client.call(routes.pinsRetry, { params: { id } }),
    async onSuccess(pin) {
      queryClient.setQueryData(pinQuery(pin.id).queryKey, pin)
      await refreshPins()
    },
  })
}
