import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'
import type { Answer, Place } from '../place.ts'

const uploadPage = 'https://docs.pinata.cloud/files/uploading-files'
const filesPage = 'https://docs.pinata.cloud/files/querying-files'

/** A form as SDKs send it: the file first, the fields behind it. */
function formOf(place: Place, text: string, fields: Record<string, string> = {}): FormData {
  const form = new FormData()
  form.append('file', new File([`${text} ${place.run}`], `${text}.txt`, { type: 'text/plain' }))
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  return form
}

async function upload(place: Place, text: string, fields: Record<string, string> = {}): Promise<Answer> {
  const answer = await place.uploads('POST', '/v3/files', { form: formOf(place, text, fields) })
  const { id, network } = answer.json?.data ?? {}
  if (typeof id === 'string') place.removeLater(() => place.api('DELETE', `/v3/files/${network}/${id}`))
  return answer
}

const networks = ['public', 'private'] as const

/** Uploads and files of both networks, with the older addresses. */
export const fileCases = [
  ...casesOf({ page: uploadPage, row: 'filesUpload' }, [
    ...networks.map((network) => ({
      route: 'POST /v3/files',
      name: `a ${network} file, with the fields behind it`,
      expected:
        '200 {"data":{"id","name","cid":"bafk…","size","number_of_files":1,"mime_type":"text/plain","keyvalues":{…},"network"}}',
      check: async (place: Place) => {
        const { status, json, words } = await upload(place, `first ${network}`, {
          network,
          name: `conformance ${network}`,
          keyvalues: JSON.stringify({ run: place.run }),
        })
        const data = json?.data ?? {}
        place.kept.set(`${network} id`, data.id).set(`${network} cid`, data.cid)
        const isRight =
          status === 200 &&
          data.name === `conformance ${network}` &&
          String(data.cid).startsWith('bafk') &&
          data.network === network &&
          data.size === `first ${network} ${place.run}`.length &&
          data.number_of_files === 1 &&
          data.mime_type === 'text/plain' &&
          data.keyvalues?.run === place.run
        requireThat(isRight, words)
        return words
      },
    })),
    {
      route: 'POST /v3/files',
      name: 'without a network it is private',
      expected: '200, "network":"private"',
      async check(place) {
        const { status, json, words } = await upload(place, 'unsaid')
        requireThat(status === 200 && json?.data?.network === 'private', words)
        return words
      },
    },
    {
      route: 'POST /v3/files',
      name: 'cid_version v0',
      expected: '200, "cid":"Qm…"',
      async check(place) {
        const { status, json, words } = await upload(place, 'old cid', { network: 'public', cid_version: 'v0' })
        requireThat(status === 200 && String(json?.data?.cid).startsWith('Qm'), words)
        return words
      },
    },
    {
      route: 'POST /v3/files',
      name: 'without a file',
      expected: '400',
      async check(place) {
        const form = new FormData()
        form.append('name', 'nothing')
        const { status, words } = await place.uploads('POST', '/v3/files', { form })
        requireThat(status === 400, words)
        return words
      },
    },
    {
      route: 'POST /v3/files',
      name: 'several parts with paths are a folder',
      expected: '200, "mime_type":"directory","number_of_files":2',
      isOurs: true,
      async check(place) {
        const form = new FormData()
        for (const name of ['a.txt', 'sub/b.txt']) form.append('file', new File([name, place.run], `site/${name}`))
        form.append('network', 'public')
        const { status, json, words } = await place.uploads('POST', '/v3/files', { form })
        const data = json?.data ?? {}
        if (data.id !== undefined) place.removeLater(() => place.api('DELETE', `/v3/files/public/${data.id}`))
        requireThat(status === 200 && data.mime_type === 'directory' && data.number_of_files === 2, words)
        return words
      },
    },
  ]),
  ...networks.flatMap((network) => [
    ...casesOf({ page: filesPage, row: 'filesList' }, [
      ...[
        ['by key-value', `keyvalues[run]=`],
        ['by key-value, as older SDKs write it', `metadata[run]=`],
      ].map(([name = '', query = '']) => ({
        route: `GET /v3/files/${network}`,
        name,
        expected: '200 {"data":{"files":[one],"next_page_token":null or ""}}',
        check: async (place: Place) => {
          const { status, json, words } = await place.api('GET', `/v3/files/${network}?${query}${place.run}&limit=5`)
          const { files, next_page_token: token } = json?.data ?? {}
          requireThat(
            status === 200 && files?.length === 1 && files[0].id === place.need(`${network} id`) && !token,
            words,
          )
          return '200, one file'
        },
      })),
      {
        route: `GET /v3/files/${network}`,
        name: 'by CID and name and type, all of them',
        expected: '200, one file',
        async check(place) {
          const query = `cid=${place.need(`${network} cid`)}&name=conformance%20${network}&mimeType=text/plain&order=ASC`
          const { status, json, words } = await place.api('GET', `/v3/files/${network}?${query}`)
          requireThat(status === 200 && json?.data?.files?.length === 1, words)
          return '200, one file'
        },
      },
      {
        route: `GET /v3/files/${network}`,
        name: 'nothing found is an empty array',
        expected: '200 {"data":{"files":[]}}',
        async check(place) {
          const { status, json, words } = await place.api('GET', `/v3/files/${network}?keyvalues[none]=${place.run}`)
          requireThat(status === 200 && Array.isArray(json?.data?.files) && json.data.files.length === 0, words)
          return words
        },
      },
    ]),
    ...casesOf({ page: filesPage, row: 'filesGet' }, [
      {
        route: `GET /v3/files/${network}/{id}`,
        name: 'one file',
        expected: '200 {"data":{"id","cid"}}',
        async check(place: Place) {
          const { status, json, words } = await place.api('GET', `/v3/files/${network}/${place.need(`${network} id`)}`)
          requireThat(status === 200 && json?.data?.cid === place.need(`${network} cid`), words)
          return words
        },
      },
      {
        route: `GET /v3/files/${network}/{id}`,
        name: 'one that is not there',
        expected: '404',
        async check(place: Place) {
          const { status, words } = await place.api('GET', `/v3/files/${network}/${crypto.randomUUID()}`)
          requireThat(status === 404, words)
          return words
        },
      },
    ]),
    ...casesOf({ page: 'https://docs.pinata.cloud/files/key-values', row: 'filesUpdate' }, [
      {
        route: `PUT /v3/files/${network}/{id}`,
        name: 'name and key-values, by a body of text/plain',
        expected: '200 {"data":{"name":"renamed","keyvalues":{"tree":"fir"}}}',
        async check(place: Place) {
          const { status, json, words } = await place.api(
            'PUT',
            `/v3/files/${network}/${place.need(`${network} id`)}`,
            {
              body: JSON.stringify({ name: 'renamed', keyvalues: { run: place.run, tree: 'fir' } }),
              headers: { 'content-type': 'text/plain' },
            },
          )
          requireThat(status === 200 && json?.data?.name === 'renamed' && json.data.keyvalues?.tree === 'fir', words)
          return words
        },
      },
    ]),
  ]),
  ...casesOf({ page: filesPage, row: 'filesGet' }, [
    {
      route: 'GET /v3/files/{id}',
      name: 'the older address of a private file',
      expected: '200 {"data":{"id"}}',
      async check(place) {
        const { status, json, words } = await place.api('GET', `/v3/files/${place.need('private id')}`)
        requireThat(status === 200 && json?.data?.id === place.need('private id'), words)
        return words
      },
    },
  ]),
  ...casesOf({ page: 'https://docs.pinata.cloud/api-reference/endpoint/delete-file-by-id', row: 'filesDelete' }, [
    {
      route: 'DELETE /v3/files/{network}/{id}',
      name: 'is gone at once',
      expected: '200, then 404',
      async check(place) {
        const { json } = await upload(place, 'to be deleted', { network: 'public' })
        const path = `/v3/files/public/${json?.data?.id}`
        const deleted = await place.api('DELETE', path)
        const after = await place.api('GET', path)
        requireThat(deleted.status === 200 && after.status === 404, `${deleted.words}, then ${after.words}`)
        return `${deleted.words}, then ${after.status}`
      },
    },
  ]),
]
