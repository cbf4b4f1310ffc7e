import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'

const page = 'https://docs.pinata.cloud/gateways/retrieving-files'

/** What the gateway shows, and what it does not. */
export const gatewayCases = casesOf({ page, row: 'gateway' }, [
  {
    route: 'GET /ipfs/{cid}',
    name: 'a public file, with its type',
    expected: '200 text/plain, the bytes',
    async check(place) {
      const { status, headers, text, words } = await place.gateway('GET', `/ipfs/${place.need('public cid')}`)
      requireThat(
        status === 200 &&
          text === `first public ${place.run}` &&
          (headers.get('content-type') ?? '').startsWith('text/plain'),
        words,
      )
      return words
    },
  },
  {
    route: 'HEAD /ipfs/{cid}',
    name: 'its length, without bytes',
    expected: '200, Content-Length',
    async check(place) {
      const { status, headers, text } = await place.gateway('HEAD', `/ipfs/${place.need('public cid')}`)
      requireThat(
        status === 200 && text === '' && headers.get('content-length') === String(13 + place.run.length),
        `${status}, Content-Length: ${headers.get('content-length')}`,
      )
      return `${status}, Content-Length: ${headers.get('content-length')}`
    },
  },
  {
    route: 'GET /ipfs/{cid}',
    name: 'a range',
    expected: '206 first',
    async check(place) {
      const { status, text, words } = await place.gateway('GET', `/ipfs/${place.need('public cid')}`, {
        headers: { range: 'bytes=0-4' },
      })
      requireThat(status === 206 && text === 'first', words)
      return words
    },
  },
  {
    route: 'GET /ipfs/{cid}',
    name: 'unchanged since its ETag',
    expected: '304',
    async check(place) {
      const path = `/ipfs/${place.need('public cid')}`
      const etag = (await place.gateway('GET', path)).headers.get('etag') ?? ''
      const { status, words } = await place.gateway('GET', path, { headers: { 'if-none-match': etag } })
      requireThat(status === 304, words)
      return words
    },
  },
  {
    route: 'GET /ipfs/{cid}',
    name: 'another origin may read it',
    expected: 'Access-Control-Allow-Origin: *',
    async check(place) {
      const { headers } = await place.gateway('GET', `/ipfs/${place.need('public cid')}`, {
        headers: { origin: 'https://elsewhere.example' },
      })
      const got = `Access-Control-Allow-Origin: ${headers.get('access-control-allow-origin')}`
      requireThat(headers.get('access-control-allow-origin') === '*', got)
      return got
    },
  },
  {
    route: 'GET /ipfs/{cid}',
    name: 'a private file is not shown',
    expected: '403 or 404',
    async check(place) {
      const { status, words } = await place.gateway('GET', `/ipfs/${place.need('private cid')}`)
      requireThat(status === 403 || status === 404, words)
      return words
    },
  },
])
