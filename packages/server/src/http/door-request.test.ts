import type { FastifyReply, FastifyRequest } from 'fastify'
import { expect, it } from 'vitest'
import type { Services } from '../services.ts'
import { toDoorRequest } from './door-request.ts'

it('says of a connection that was reset while its request waited that its address is not known', () => {
  // What the framework shows then: the socket has forgotten.
  const request = { id: 'x', ip: undefined, headers: {}, raw: {} } as unknown as FastifyRequest
  expect(toDoorRequest({} as Services, request, {} as FastifyReply).address).toBeNull()
})
