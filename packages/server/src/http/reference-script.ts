import scalar from '@scalar/fastify-api-reference'
import { fastify } from 'fastify'

let loaded: Promise<string> | undefined

/**
 * The script that renders the reference page, as its package serves it: nothing is loaded from elsewhere. The package
 * gives it only through its plugin, so a server that never listens is asked for it once.
 */
export function loadReferenceScript(): Promise<string> {
  loaded ??= readScript()
  return loaded
}

async function readScript(): Promise<string> {
  const app = fastify()
  await app.register(scalar, {
    routePrefix: '/reference',
    configuration: { content: { openapi: '3.1.0', info: { title: '', version: '' }, paths: {} } },
  })
  const answer = await app.inject({ method: 'GET', url: '/reference/js/scalar.js' })
  await app.close()
  if (answer.statusCode !== 200) throw new Error(`the reference script answered ${answer.statusCode}`)
  return answer.body
}
