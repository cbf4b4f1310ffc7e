import { casesOf } from '../case.ts'
import { requireThat } from '../otherwise.ts'
import type { Place } from '../place.ts'

const page = (name: string) => `https://docs.pinata.cloud/api-reference/endpoint/ipfs/${name}`

function forgetLater(place: Place, cid: unknown): void {
  if (typeof cid === 'string') place.removeLater(() => place.api('DELETE', `/pinning/unpin/${cid}`))
}

/** The legacy API. */
export const legacyCases = [
  ...casesOf({ page: page('pin-file-to-ipfs'), row: 'pinFileToIPFS' }, [
    {
      route: 'POST /pinning/pinFileToIPFS',
      name: 'a file, CIDv0 unless told otherwise',
      expected: '200 {"IpfsHash":"Qm…","PinSize","Timestamp"}',
      async check(place) {
        const form = new FormData()
        form.append('file', new File(['legacy', place.run], 'legacy.txt'))
        form.append(
          'pinataMetadata',
          JSON.stringify({ name: `legacy ${place.run}`, keyvalues: { run: place.run, height: 12 } }),
        )
        const { status, json, words } = await place.api('POST', '/pinning/pinFileToIPFS', { form })
        forgetLater(place, json?.IpfsHash)
        place.kept.set('legacy cid', json?.IpfsHash)
        requireThat(
          status === 200 &&
            String(json?.IpfsHash).startsWith('Qm') &&
            json.PinSize === 42 &&
            !Number.isNaN(Date.parse(json.Timestamp)),
          words,
        )
        return words
      },
    },
    {
      route: 'POST /pinning/pinFileToIPFS',
      name: 'a folder whose paths begin with a slash, CIDv1',
      expected: '200 {"IpfsHash":"bafy…"}',
      async check(place) {
        const form = new FormData()
        for (const name of ['/site/index.html', '/site/css/b.css'])
          form.append('file', new File([name, place.run], name))
        form.append('pinataOptions', '{"cidVersion":1}')
        const { status, json, words } = await place.api('POST', '/pinning/pinFileToIPFS', { form })
        forgetLater(place, json?.IpfsHash)
        requireThat(status === 200 && String(json?.IpfsHash).startsWith('bafy'), words)
        return words
      },
    },
    {
      route: 'POST /pinning/pinFileToIPFS',
      name: 'two things at the top are refused',
      expected: '400',
      async check(place) {
        const form = new FormData()
        for (const name of ['one/a.txt', 'two/b.txt']) form.append('file', new File([name], name))
        const { status, words } = await place.api('POST', '/pinning/pinFileToIPFS', { form })
        requireThat(status === 400, words)
        return words
      },
    },
  ]),
  ...casesOf({ page: page('pin-json-to-ipfs'), row: 'pinJSONToIPFS' }, [
    {
      route: 'POST /pinning/pinJSONToIPFS',
      name: 'the bare body, and the same in pinataContent, are one CID',
      expected: '200 and the same IpfsHash twice',
      async check(place) {
        const content = { run: place.run, b: 1, a: [2] }
        const bare = await place.api('POST', '/pinning/pinJSONToIPFS', { json: content })
        forgetLater(place, bare.json?.IpfsHash)
        const named = await place.api('POST', '/pinning/pinJSONToIPFS', {
          json: { pinataContent: content, pinataMetadata: { name: 'a' } },
        })
        forgetLater(place, named.json?.IpfsHash)
        requireThat(
          bare.status === 200 && named.status === 200 && bare.json?.IpfsHash === named.json?.IpfsHash,
          `${bare.words}; ${named.words}`,
        )
        return bare.words
      },
    },
  ]),
  ...casesOf({ page: 'https://docs.pinata.cloud/account-management/limits', row: 'pinJSONToIPFS' }, [
    {
      route: 'POST /pinning/pinJSONToIPFS',
      name: 'more than the 10 MB of the hosted service',
      expected: '200 and its size',
      isOurs: true,
      async check(place) {
        const content = { run: place.run, text: 'x'.repeat(11_000_000) }
        const { status, json, words } = await place.api('POST', '/pinning/pinJSONToIPFS', { json: content })
        forgetLater(place, json?.IpfsHash)
        requireThat(status === 200 && json?.PinSize === JSON.stringify(content).length, words)
        return words
      },
    },
  ]),
  ...casesOf({ page: page('pin-by-cid'), row: 'pinByHash' }, [
    {
      route: 'POST //pinning/pinByHash',
      name: 'double slashes are one; hostNodes may be ""',
      expected: '200 {"id","ipfsHash","status","name"}',
      async check(place) {
        const cid = 'bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyka'
        const { status, json, words } = await place.api('POST', '//pinning/pinByHash', {
          json: { hashToPin: cid, pinataMetadata: { name: `waits ${place.run}` }, pinataOptions: { hostNodes: '' } },
        })
        place.kept.set('job', String(json?.id)).set('job cid', cid)
        if (json?.id !== undefined)
          place.removeLater(() => place.api('DELETE', `/v3/files/public/pin_by_cid/${json.id}`))
        requireThat(status === 200 && json?.ipfsHash === cid && typeof json.status === 'string', words)
        return words
      },
    },
    {
      route: 'POST /pinning/pinByHash',
      name: 'what is no CID is refused',
      expected: '400',
      async check(place) {
        const { status, words } = await place.api('POST', '/pinning/pinByHash', { json: { hashToPin: 'no-cid' } })
        requireThat(status === 400, words)
        return words
      },
    },
  ]),
  ...casesOf({ page: page('list-pin-by-cid-jobs'), row: 'pinJobs' }, [
    {
      route: 'GET /pinning/pinJobs',
      name: 'the job, with the misspelt sort of the SDK',
      expected: '200 {"rows":[{"id","ipfs_pin_hash","date_queued","status"}]}',
      async check(place) {
        const { status, json, words } = await place.api(
          'GET',
          `/pinning/pinJobs?sort=DSC&includesCount=false&ipfs_pin_hash=${place.need('job cid')}`,
        )
        const found = json?.rows?.find((row: { id: string }) => row.id === place.need('job'))
        requireThat(status === 200 && found?.ipfs_pin_hash === place.need('job cid'), words)
        return '200, the job'
      },
    },
  ]),
  ...casesOf({ page: page('list-files'), row: 'pinList' }, [
    {
      route: 'GET /data/pinList',
      name: 'by key-values, as JSON that nobody escaped, with & at the end',
      expected: '200 {"count","rows":[one with metadata]}',
      async check(place) {
        const filter = `{"run":{"value":"${place.run}","op":"eq"},"height":{"value":10,"secondValue":20,"op":"between"}}`
        const { status, json, words } = await place.api(
          'GET',
          `/data/pinList?status=pinned&metadata[keyvalues]=${filter}&`,
        )
        const [row, ...more] = json?.rows ?? []
        requireThat(
          status === 200 &&
            more.length === 0 &&
            row?.ipfs_pin_hash === place.need('legacy cid') &&
            row.metadata?.name === `legacy ${place.run}`,
          words,
        )
        return '200, one row'
      },
    },
  ]),
  ...casesOf({ page: page('update-file-metadata'), row: 'hashMetadata' }, [
    {
      route: 'PUT /pinning/hashMetadata',
      name: 'answers the text OK, not JSON',
      expected: '200 OK',
      async check(place) {
        const { status, text, words } = await place.api('PUT', '/pinning/hashMetadata', {
          json: { ipfsPinHash: place.need('legacy cid'), name: 'renamed', keyvalues: { height: null } },
        })
        requireThat(status === 200 && text === 'OK', words)
        return words
      },
    },
  ]),
  ...casesOf({ page: page('user-pinned-data-total'), row: 'userPinnedDataTotal' }, [
    {
      route: 'GET /data/userPinnedDataTotal',
      name: 'count and bytes',
      expected: '200 {"pin_count","pin_size_total"}',
      async check(place) {
        const { status, json, words } = await place.api('GET', '/data/userPinnedDataTotal')
        requireThat(status === 200 && json?.pin_count !== undefined && json.pin_size_total !== undefined, words)
        return words
      },
    },
  ]),
  ...casesOf({ page: page('remove-files-unpin'), row: 'unpin' }, [
    {
      route: 'DELETE /pinning/unpin/{cid}',
      name: 'answers the text OK; a second time it is not pinned',
      expected: '200 OK, then 400 CURRENT_USER_HAS_NOT_PINNED_CID',
      async check(place) {
        const first = await place.api('DELETE', `/pinning/unpin/${place.need('legacy cid')}`)
        const second = await place.api('DELETE', `/pinning/unpin/${place.need('legacy cid')}`)
        const got = `${first.words}, then ${second.words}`
        requireThat(
          first.status === 200 &&
            first.text === 'OK' &&
            second.status === 400 &&
            second.text.includes('CURRENT_USER_HAS_NOT_PINNED_CID'),
          got,
        )
        return got
      },
    },
  ]),
]
