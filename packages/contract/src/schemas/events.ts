import { z } from 'zod'

/** Query of live events. */
export const FollowEventsQuery = z.object({
  kinds: z
    .string()
    .max(1_000)
    .optional()
    .meta({ description: 'Kinds separated by commas; without it all you may see.' }),
  lastEventId: z.string().max(200).optional().meta({
    description: 'As the header Last-Event-ID, for clients that cannot set it: goes on behind this event.',
  }),
})
