import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'
import type { Place } from '../place.ts'

const swaps = 'https://docs.pinata.cloud/gateways/plugins/hot-swaps'
const analytics = 'https://docs.pinata.cloud/gateways/analytics'
const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10)

/** Swaps, analytics, gateways, CORS; and what this server says it has not. */
export const restCases = [
  ...casesOf({ page: swaps, row: 'swapSet' }, [
    ...['swap_cid', 'swapCid'].map((field) => ({
      route: 'PUT /v3/files/public/swap/{cid}',
      name: `a swap, named ${field}`,
      expected: '200 {"data":{"mapped_cid","created_at"}}',
      check: async (place: Place) => {
        const path = `/v3/files/public/swap/${place.need('public cid')}`
        const { status, json, words } = await place.api('PUT', path, { json: { [field]: place.need('public cid') } })
        place.removeLater(() => place.api('DELETE', path))
        requireThat(status === 200 && json?.data?.mapped_cid !== undefined, words)
        return words
      },
    })),
    {
      route: 'GET /v3/files/public/swap/{cid}',
      name: 'its history',
      expected: '200 {"data":[…]}',
      async check(place) {
        const domain = new URL(place.options.gateway).host
        const { status, json, words } = await place.api(
          'GET',
          `/v3/files/public/swap/${place.need('public cid')}?domain=${domain}`,
        )
        requireThat(status === 200 && Array.isArray(json?.data), words)
        return words
      },
    },
  ]),
  ...casesOf({ page: analytics, row: 'analyticsTop' }, [
    {
      route: 'GET /v3/ipfs/gateway_analytics_top',
      name: 'what was asked for most',
      expected: '200 {"data":[…]}',
      async check(place) {
        const query = `gateway_domain=${new URL(place.options.gateway).host}&start_date=${day(7)}&end_date=${day(0)}&by=cid&sort_by=requests`
        const { status, json, words } = await place.api('GET', `/v3/ipfs/gateway_analytics_top?${query}`)
        requireThat(status === 200 && Array.isArray(json?.data), words)
        return words
      },
    },
    {
      route: 'GET /v3/ipfs/gateway_analytics_time_series',
      name: 'by day',
      expected: '200 {"data":{"total_requests","total_bandwidth","time_periods":[…]}}',
      async check(place) {
        const query = `gateway_domain=${new URL(place.options.gateway).host}&start_date=${day(7)}&end_date=${day(0)}&by=day`
        const { status, json, words } = await place.api('GET', `/v3/ipfs/gateway_analytics_time_series?${query}`)
        requireThat(status === 200 && json?.data?.total_requests !== undefined, words)
        return words
      },
    },
  ]),
  ...casesOf({ page: 'https://docs.pinata.cloud/gateways/dedicated-ipfs-gateways', row: 'gatewaysList' }, [
    {
      route: 'GET /v3/ipfs/gateways',
      name: 'the gateways of the account',
      expected: '200 {"data":{"rows":[{"domain"}]}}',
      async check(place) {
        const { status, json, words } = await place.api('GET', '/v3/ipfs/gateways')
        requireThat(status === 200 && Array.isArray(json?.data?.rows), words)
        return words
      },
    },
  ]),
  ...casesOf({ page: 'https://fetch.spec.whatwg.org/#http-cors-protocol', row: 'filesUpload' }, [
    {
      route: 'OPTIONS /v3/files',
      name: 'a page on another origin may upload, by form and in pieces',
      expected: '200 or 204, the headers of SDK and TUS allowed',
      async check(place) {
        const wanted = ['authorization', 'content-type', 'source', 'upload-length', 'upload-metadata', 'upload-offset']
        const { status, headers } = await place.uploads('OPTIONS', '/v3/files', {
          jwt: null,
          headers: {
            origin: 'https://elsewhere.example',
            'access-control-request-method': 'POST',
            'access-control-request-headers': wanted.join(','),
          },
        })
        const allowed = (headers.get('access-control-allow-headers') ?? '').toLowerCase()
        const got = `${status}, ${allowed}`
        requireThat(status < 300 && (allowed === '*' || wanted.every((name) => allowed.includes(name))), got)
        return got
      },
    },
  ]),
  ...casesOf({ page: 'https://docs.pinata.cloud/files/vectors', row: 'vectorsAdd' }, [
    {
      route: 'POST /v3/vectorize/files/{id}',
      name: 'what is not there is said so',
      expected: '501 with words',
      isOurs: true,
      async check(place) {
        const { status, text, words } = await place.uploads('POST', `/v3/vectorize/files/${place.need('private id')}`)
        requireThat(status === 501 && text.length > 20, words)
        return words
      },
    },
  ]),
  ...casesOf({ page: 'https://docs.pinata.cloud/files/x402', row: 'x402List' }, [
    {
      route: 'GET /v3/x402/payment_instructions',
      name: 'what is not there is said so',
      expected: '501 with words',
      isOurs: true,
      async check(place) {
        const { status, text, words } = await place.api('GET', '/v3/x402/payment_instructions')
        requireThat(status === 501 && text.length > 20, words)
        return words
      },
    },
  ]),
]
