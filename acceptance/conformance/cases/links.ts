import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'
import type { Place } from '../place.ts'

const uploadPage = 'https://docs.pinata.cloud/files/presigned-urls'
const downloadPage = 'https://docs.pinata.cloud/files/private-ipfs'
const now = () => Math.floor(Date.now() / 1_000)

async function uploadBy(place: Place, link: string, text: string) {
  const form = new FormData()
  form.append('file', new File([text, place.run], `${text}.txt`))
  const answer = await place.at(link, 'POST', { form, jwt: null, headers: { authorization: 'Bearer undefined' } })
  const { id, network } = answer.json?.data ?? {}
  if (id !== undefined) place.removeLater(() => place.api('DELETE', `/v3/files/${network}/${id}`))
  return answer
}

/** Links that take an upload, and links that show a private file. */
export const linkCases = [
  ...casesOf({ page: uploadPage, row: 'filesSign' }, [
    {
      route: 'POST /v3/files/sign',
      name: 'a link for an upload',
      expected: '200 {"data":"https://…/v3/files/{uuid}?…X-Signature=…"}',
      async check(place) {
        const json = {
          date: now(),
          expires: 300,
          network: 'public',
          filename: `by link ${place.run}`,
          max_file_size: 1_000,
        }
        const { status, json: body, words } = await place.uploads('POST', '/v3/files/sign', { json })
        if (typeof body?.data === 'string') place.kept.set('upload link', body.data)
        requireThat(status === 200 && /\/v3\/files.*X-Signature=/.test(body?.data), words)
        return '200, a link'
      },
    },
  ]),
  ...casesOf({ page: uploadPage, row: 'filesUploadByLink' }, [
    {
      route: 'POST {link}',
      name: 'too large is refused, without using the link up',
      expected: '400, 403 or 413',
      async check(place) {
        const { status, words } = await uploadBy(place, place.need('upload link'), 'x'.repeat(2_000))
        requireThat([400, 403, 413].includes(status), words)
        return words
      },
    },
    {
      route: 'POST {link}',
      name: 'takes a file without credentials, even beside "Bearer undefined"',
      expected: '200 {"data":{"id","name","cid","network":"public"}}',
      async check(place) {
        const { status, json, words } = await uploadBy(place, place.need('upload link'), 'by link')
        requireThat(
          status === 200 && json?.data?.name === `by link ${place.run}` && json.data.network === 'public',
          words,
        )
        return words
      },
    },
    {
      route: 'POST {link}',
      name: 'makes one file at most',
      expected: '409',
      isOurs: true,
      async check(place) {
        const { status, words } = await uploadBy(place, place.need('upload link'), 'once more')
        requireThat(status === 409, words)
        return words
      },
    },
    {
      route: 'POST {link}',
      name: 'altered, it is refused',
      expected: '401 or 403',
      async check(place) {
        const { status, words } = await uploadBy(
          place,
          place.need('upload link').replace(/Expires=\d+/, 'Expires=9999'),
          'altered',
        )
        requireThat(status === 401 || status === 403, words)
        return words
      },
    },
  ]),
  ...casesOf({ page: uploadPage, row: 'filesUploadByLink' }, [
    {
      route: 'POST {link}',
      name: 'allow_mime_types holds for the files of a folder',
      expected: '400, naming type and file',
      isOurs: true,
      async check(place) {
        const json = { date: now(), expires: 300, network: 'private', allow_mime_types: ['directory', 'image/*'] }
        const signed = await place.uploads('POST', '/v3/files/sign', { json })
        const form = new FormData()
        form.append('file', new File(['<!doctype html><p>a page'], 'set/a.png'))
        const { status, words } = await place.at(signed.json?.data, 'POST', { form, jwt: null })
        requireThat(status === 400 && words.includes('text/html'), words)
        return words
      },
    },
  ]),
  ...casesOf({ page: downloadPage, row: 'downloadLink' }, [
    ...['/v3/files/private/download_link', '/v3/files/download_link', '/v3/files/sign'].map((path) => ({
      route: `POST ${path}`,
      name: 'a link to a private file',
      expected: '200 {"data":"…/files/{cid}?…"}, and the gateway shows the file',
      check: async (place: Place) => {
        const url = `${place.options.gateway}/files/${place.need('private cid')}`
        const { status, json, words } = await place.api('POST', path, {
          json: { url, date: now(), expires: 120, method: 'GET' },
        })
        requireThat(status === 200 && typeof json?.data === 'string', words)
        place.kept.set('download link', json.data)
        const shown = await place.at(json.data, 'GET', { jwt: null })
        requireThat(shown.status === 200 && shown.text === `first private ${place.run}`, shown.words)
        return '200, and the file'
      },
    })),
    {
      route: 'GET /files/{cid}',
      name: 'with a range, kept by no shared cache',
      expected: '206, Cache-Control private or no-store',
      isOurs: true,
      async check(place) {
        const shown = await place.at(place.need('download link'), 'GET', { jwt: null, headers: { range: 'bytes=0-4' } })
        const cache = shown.headers.get('cache-control') ?? ''
        requireThat(
          shown.status === 206 && shown.text === 'first' && /private|no-store/.test(cache),
          `${shown.words}, ${cache}`,
        )
        return `206, ${cache}`
      },
    },
    {
      route: 'GET /files/{cid}',
      name: 'without a signature, or an altered one, it is refused',
      expected: '401, 403 or 404, twice',
      async check(place) {
        const bare = await place.gateway('GET', `/files/${place.need('private cid')}`)
        const altered = await place.at(place.need('download link').replace(/Signature=./, 'Signature=~'), 'GET', {
          jwt: null,
        })
        const got = `${bare.words}; ${altered.words}`
        requireThat(
          [bare, altered].every(({ status }) => [401, 403, 404].includes(status)),
          got,
        )
        return got
      },
    },
    {
      route: 'GET /files/{cid}',
      name: 'expired, it is refused',
      expected: '401 or 403',
      check: async (place: Place) => {
        const link = await signDownload(place, { date: now() - 1_000, expires: 10 })
        const { status, words } = await place.at(link, 'GET', { jwt: null })
        requireThat(status === 401 || status === 403, words)
        return words
      },
    },
    {
      route: 'GET /files/{cid}',
      name: 'revoked or used up, it is refused',
      expected: '200, then 401, twice',
      isOurs: true,
      check: async (place: Place) => {
        const once = await signDownload(place, { max_uses: 1 })
        const revoked = await signDownload(place, {})
        const shown = [await place.at(once, 'GET', { jwt: null }), await place.at(revoked, 'GET', { jwt: null })]
        await place.api('DELETE', `/pinyon/v1/links/${new URL(revoked).searchParams.get('X-Link')}`)
        const refused = [await place.at(once, 'GET', { jwt: null }), await place.at(revoked, 'GET', { jwt: null })]
        const got = [...shown, ...refused].map(({ words }) => words).join('; ')
        requireThat([...shown, ...refused].map(({ status }) => status).join() === '200,200,401,401', got)
        return '200, then 401, twice'
      },
    },
  ]),
]

async function signDownload(place: Place, json: Record<string, unknown>): Promise<string> {
  const url = `${place.options.gateway}/files/${place.need('private cid')}`
  const all = { url, date: now(), expires: 120, method: 'GET', ...json }
  const signed = await place.api('POST', '/v3/files/private/download_link', { json: all })
  requireThat(signed.status === 200, signed.words)
  return signed.json?.data
}
