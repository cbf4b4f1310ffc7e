import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'
import type { Place } from '../place.ts'

const page = 'https://docs.pinata.cloud/account-management/api-keys'
const authentication = {
  page: 'https://docs.pinata.cloud/api-reference/endpoint/ipfs/test-authentication',
  row: 'testAuthentication',
}
const congratulations = 'Congratulations! You are communicating with the Pinata API!'

/** Authentication, and keys under each of their routes. */
export const keyCases = [
  ...casesOf(authentication, [
    ...['/data/testAuthentication', '/v3/data/testAuthentication'].map((path) => ({
      route: `GET ${path}`,
      name: 'an admin key is welcomed',
      expected: `200 {"message":"${congratulations}"}`,
      check: async (place: Place) => {
        const { status, json, words } = await place.api('GET', path)
        requireThat(status === 200 && json?.message === congratulations, words)
        return words
      },
    })),
    {
      route: 'GET /data/testAuthentication',
      name: 'without credentials it is refused, with a reason for programs',
      expected: '401 {"error":{"reason":"INVALID_CREDENTIALS","details":…}}',
      async check(place) {
        const { status, json, words } = await place.api('GET', '/data/testAuthentication', { jwt: null })
        const { reason, details } = json?.error ?? {}
        requireThat(status === 401 && reason === 'INVALID_CREDENTIALS' && typeof details === 'string', words)
        return words
      },
    },
    {
      route: 'GET /data/testAuthentication',
      name: 'a JWT of nobody is refused',
      expected: '401 INVALID_CREDENTIALS',
      async check(place) {
        const { status, json, words } = await place.api('GET', '/data/testAuthentication', {
          jwt: 'eyJhbGciOiJub25lIn0.e30.',
        })
        requireThat(status === 401 && json?.error?.reason === 'INVALID_CREDENTIALS', words)
        return words
      },
    },
  ]),
  ...casesOf({ page, row: 'keysCreate' }, [
    ...['/v3/pinata/keys', '/v3/api_keys'].map((path) => ({
      route: `POST ${path}`,
      name: 'a key is made: key, secret and JWT, with 200',
      expected: '200 {"JWT","pinata_api_key","pinata_api_secret"}',
      check: async (place: Place) => {
        const { status, json, words } = await place.api('POST', path, {
          json: {
            keyName: `conformance ${place.run}`,
            permissions: { endpoints: { data: { pinList: true } } },
            maxUses: 3,
          },
        })
        const { JWT, pinata_api_key: key, pinata_api_secret: secret } = json ?? {}
        if (typeof key === 'string') {
          place.removeLater(() => place.api('PUT', `/v3/pinata/keys/${key}`))
          for (const [name, value] of Object.entries({ key, secret, JWT })) place.kept.set(name, String(value))
        }
        requireThat(status === 200 && [JWT, key, secret].every((each) => typeof each === 'string'), words)
        return '200, all three'
      },
    })),
    {
      route: 'POST /users/generateApiKey',
      name: 'the old address makes keys too',
      expected: '200 {"JWT","pinata_api_key","pinata_api_secret"}',
      async check(place) {
        const { status, json, words } = await place.api('POST', '/users/generateApiKey', {
          json: { keyName: `conformance old ${place.run}`, permissions: { admin: true } },
        })
        const key = String(json?.pinata_api_key)
        place.removeLater(() => place.api('PUT', '/users/revokeApiKey', { json: { apiKey: key } }))
        requireThat(status === 200 && typeof json?.JWT === 'string', words)
        return '200, all three'
      },
    },
    {
      route: 'GET /data/pinList',
      name: 'key and secret as headers count as the JWT does',
      expected: '200 {"rows":[…]}',
      async check(place) {
        const headers = { pinata_api_key: place.need('key'), pinata_secret_api_key: place.need('secret') }
        const { status, json, words } = await place.api('GET', '/data/pinList?pageLimit=1', { jwt: null, headers })
        requireThat(status === 200 && Array.isArray(json?.rows), words)
        return '200, rows'
      },
    },
    {
      route: 'GET /v3/files/public',
      name: 'a permission that the key has not is refused',
      expected: '403',
      async check(place) {
        const { status, words } = await place.api('GET', '/v3/files/public', { jwt: place.need('JWT') })
        requireThat(status === 403, words)
        return words
      },
    },
    {
      route: 'GET /v3/files/public',
      name: 'the refusal names the permission that is missing',
      expected: '403 with org:files:read or files.list in its words',
      isOurs: true,
      async check(place) {
        const { status, text, words } = await place.api('GET', '/v3/files/public', { jwt: place.need('JWT') })
        requireThat(status === 403 && /files\.list|org:files:read/.test(text), words)
        return words
      },
    },
  ]),
  ...casesOf({ page, row: 'keysList' }, [
    {
      route: 'GET /v3/pinata/keys',
      name: 'the key is listed by name, with uses and permissions, without its secret',
      expected: '200 {"keys":[{"key","name","max_uses":3,"revoked":false,"scopes":{"endpoints":{…}}}],"count"}',
      async check(place) {
        const { status, json, words, text } = await place.api(
          'GET',
          `/v3/pinata/keys?name=conformance%20${place.run}&limitedUse=true`,
        )
        const found = json?.keys?.find((each: { key: string }) => each.key === place.need('key'))
        requireThat(
          status === 200 &&
            found?.max_uses === 3 &&
            found.revoked === false &&
            typeof found.scopes?.endpoints === 'object' &&
            !text.includes(place.need('secret')),
          words,
        )
        return '200, listed'
      },
    },
    {
      route: 'GET /v3/pinata/keys',
      name: 'behind the last page comes an empty one',
      expected: '200 {"keys":[]}',
      async check(place) {
        const { status, json, words } = await place.api('GET', `/v3/pinata/keys?name=${place.run}&offset=100`)
        requireThat(status === 200 && Array.isArray(json?.keys) && json.keys.length === 0, words)
        return words
      },
    },
  ]),
  ...casesOf({ page, row: 'keysRevoke' }, [
    {
      route: 'PUT /v3/pinata/keys/{key}',
      name: 'revoking answers a JSON text',
      expected: '200 "Revoked"',
      async check(place) {
        const { status, json, words } = await place.api('PUT', `/v3/pinata/keys/${place.need('key')}`)
        requireThat(status === 200 && json === 'Revoked', words)
        return words
      },
    },
    {
      route: 'GET /data/pinList',
      name: 'a revoked key is refused from the next request on',
      expected: '401 or 403',
      async check(place) {
        const { status, words } = await place.api('GET', '/data/pinList', { jwt: place.need('JWT') })
        requireThat(status === 401 || status === 403, words)
        return words
      },
    },
  ]),
]
