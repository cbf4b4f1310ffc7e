import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'

const page = 'https://ipfs.github.io/pinning-services-api-spec/'

/** The IPFS Pinning Services API, where Pinata and the standard agree or this server follows the standard. */
export const pinningCases = casesOf({ page, row: 'psaAdd' }, [
  {
    route: 'POST /psa/pins',
    name: 'a pin by CID is accepted',
    expected: '200 (Pinata) or 202 {"requestid","status","created","pin":{"cid","name"},"delegates"}',
    async check(place) {
      const { status, json, words } = await place.api('POST', '/psa/pins', {
        json: { cid: 'bafkqabtimvwgy3yk', name: `psa ${place.run}`, meta: { run: place.run } },
      })
      if (json?.requestid !== undefined) {
        place.kept.set('request', json.requestid)
        place.removeLater(() => place.api('DELETE', `/psa/pins/${json.requestid}`))
      }
      requireThat(
        [200, 202].includes(status) && json?.pin?.cid === 'bafkqabtimvwgy3yk' && Array.isArray(json.delegates),
        words,
      )
      return words
    },
  },
  {
    route: 'POST /psa/pins',
    name: 'with the status of the standard',
    expected: '202',
    isOurs: true,
    async check(place) {
      const { status, json, words } = await place.api('POST', '/psa/pins', {
        json: { cid: 'bafkqabtimvwgy3yk', name: `psa2 ${place.run}` },
      })
      if (json?.requestid !== undefined) place.removeLater(() => place.api('DELETE', `/psa/pins/${json.requestid}`))
      requireThat(status === 202, words)
      return words
    },
  },
  {
    route: 'GET /psa/pins/{requestid}',
    name: 'the pin',
    expected: '200 {"requestid","pin"}',
    async check(place) {
      const { status, json, words } = await place.api('GET', `/psa/pins/${place.need('request')}`)
      requireThat(status === 200 && json?.requestid === place.need('request'), words)
      return words
    },
  },
  {
    route: 'GET /psa/pins',
    name: 'found by its CID',
    expected: '200 {"count","results":[…]}',
    async check(place) {
      const { status, json, words } = await place.api(
        'GET',
        '/psa/pins?cid=bafkqabtimvwgy3yk&status=queued,pinning,pinned',
      )
      requireThat(status === 200 && Number.isInteger(json?.count) && json.results?.length > 0, words)
      return '200, found'
    },
  },
  {
    route: 'GET /psa/pins',
    name: 'a JWT of nobody',
    expected: '401',
    async check(place) {
      const { status, words } = await place.api('GET', '/psa/pins', { jwt: 'nobody' })
      requireThat(status === 401, words)
      return words
    },
  },
  {
    route: 'DELETE /psa/pins/{requestid}',
    name: 'is gone afterwards',
    expected: '200 or 202, then 404',
    async check(place) {
      const gone = await place.api('DELETE', `/psa/pins/${place.need('request')}`)
      const after = await place.api('GET', `/psa/pins/${place.need('request')}`)
      requireThat([200, 202].includes(gone.status) && after.status === 404, `${gone.words}, then ${after.words}`)
      return `${gone.status}, then ${after.status}`
    },
  },
])
