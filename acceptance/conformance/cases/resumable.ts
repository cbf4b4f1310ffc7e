import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'

const page = 'https://docs.pinata.cloud/files/uploading-files#resumable-uploads'
const encode = (text: string) => Buffer.from(text).toString('base64')

/** Resumable uploads (https://tus.io/protocols/resumable-upload 1.0), as the SDK, the Go client and tus-js-client speak it. */
export const resumableCases = [
  ...casesOf({ page, row: 'filesUpload' }, [
    {
      route: 'POST /v3/files',
      name: 'begins an upload, without Tus-Resumable too',
      expected: '201, Location: https://…/v3/files/{file id}/…',
      async check(place) {
        const content = `resumed ${place.run}`
        const answer = await place.uploads('POST', '/v3/files', {
          headers: {
            'upload-length': String(content.length),
            'upload-metadata': `filename ${encode('resumed.txt')},filetype ,network ${encode('public')}`,
          },
        })
        const location = answer.headers.get('location') ?? ''
        const [, id] = /\/v3\/files\/([^/?]+)\/[^/]/.exec(location) ?? []
        requireThat(answer.status === 201 && URL.canParse(location) && id !== undefined, `${answer.words} ${location}`)
        place.kept
          .set('location', location)
          .set('resumed', content)
          .set('resumed id', id ?? '')
        place.removeLater(() => place.at(location, 'DELETE', { headers: { 'tus-resumable': '1.0.0' } }))
        place.removeLater(() => place.api('DELETE', `/v3/files/public/${id}`))
        return `201, ${new URL(location).pathname}`
      },
    },
  ]),
  ...casesOf({ page, row: 'uploadsAppend' }, [
    {
      route: 'PATCH {location}',
      name: 'a first piece',
      expected: '204, Upload-Offset: 8',
      async check(place) {
        const { status, headers, words } = await place.at(place.need('location'), 'PATCH', {
          body: place.need('resumed').slice(0, 8),
          headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '0' },
        })
        requireThat(status === 204 && headers.get('upload-offset') === '8', words)
        return '204, Upload-Offset: 8'
      },
    },
    {
      route: 'PATCH {location}',
      name: 'from somewhere else than where it stands',
      expected: '409',
      async check(place) {
        const { status, words } = await place.at(place.need('location'), 'PATCH', {
          body: 'zzz',
          headers: { 'content-type': 'application/offset+octet-stream', 'upload-offset': '20' },
        })
        requireThat(status === 409, words)
        return words
      },
    },
  ]),
  ...casesOf({ page, row: 'uploadsGet' }, [
    {
      route: 'HEAD {location}',
      name: 'says where it stands',
      expected: '200, Upload-Offset: 8, Upload-Length',
      async check(place) {
        const { status, headers } = await place.at(place.need('location'), 'HEAD', {
          headers: { 'tus-resumable': '1.0.0' },
        })
        const got = `${status}, Upload-Offset: ${headers.get('upload-offset')}, Upload-Length: ${headers.get('upload-length')}`
        requireThat(status === 200 && headers.get('upload-offset') === '8' && headers.has('upload-length'), got)
        return got
      },
    },
  ]),
  ...casesOf({ page: 'https://tus.io/protocols/resumable-upload#x-http-method-override', row: 'uploadsAppend' }, [
    {
      route: 'POST {location}',
      name: 'with X-HTTP-Method-Override: PATCH, a second piece',
      expected: '204, Upload-Offset: 12',
      isOurs: true,
      async check(place) {
        const { status, headers, words } = await place.at(place.need('location'), 'POST', {
          body: place.need('resumed').slice(8, 12),
          headers: {
            'content-type': 'application/offset+octet-stream',
            'upload-offset': '8',
            'x-http-method-override': 'PATCH',
          },
        })
        requireThat(status === 204 && headers.get('upload-offset') === '12', words)
        return '204, Upload-Offset: 12'
      },
    },
  ]),
  ...casesOf({ page, row: 'uploadsAppend' }, [
    {
      route: 'PATCH {location}',
      name: 'the last piece names the CID, and the file is listed by then',
      expected: '204, upload-cid; one file of that CID',
      async check(place) {
        const begun = { headers: { 'tus-resumable': '1.0.0' } }
        const stands = (await place.at(place.need('location'), 'HEAD', begun)).headers.get('upload-offset') ?? '8'
        const { status, headers, words } = await place.at(place.need('location'), 'PATCH', {
          body: place.need('resumed').slice(Number(stands)),
          headers: {
            'content-type': 'application/offset+octet-stream',
            'upload-offset': stands,
            'tus-resumable': '1.0.0',
          },
        })
        const cid = headers.get('upload-cid')
        const list = await place.api('GET', `/v3/files/public?cid=${cid}`)
        const found = list.json?.data?.files?.[0]
        requireThat(
          status === 204 && cid !== null && found?.id === place.need('resumed id'),
          `${words} ${cid}; ${list.words}`,
        )
        return `204, upload-cid: ${cid}`
      },
    },
  ]),
]
