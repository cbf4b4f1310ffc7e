import { z } from 'zod'
import { endpoints, resources } from '../permissions.ts'

const endpointShape = Object.fromEntries(
  Object.entries(endpoints).map(([parent, names]) => [
    parent,
    z.strictObject(Object.fromEntries(names.map((name) => [name, z.boolean().optional()]))).optional(),
  ]),
)

/** What a key may do, as it is sent and answered. `admin` wins over the rest and never implies `operator`. */
export const Permissions = z
  .strictObject({
    admin: z.boolean().optional(),
    operator: z.boolean().optional(),
    resources: z.array(z.enum(resources)).max(resources.length).optional(),
    endpoints: z.strictObject(endpointShape).optional(),
  })
  .meta({
    id: 'Permissions',
    description:
      'What a key may do: everything (`admin`), sets of operations (`resources`), single operations (`endpoints`).',
  })
