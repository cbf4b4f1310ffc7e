import { expect, it } from 'vitest'
import { readContentAddress } from './read-content-address.ts'

const v0 = 'QmYwAPJzv5CZsnA625s3Xf2nemtYgPpHdWEz79ojWnPbdG'
const v1 = 'bafkreic54bnnaaaoj7wjvccxyp43ijtqazx77c32bvzu4axrxysbubttxm'

it.each([
  [v1, 'a CID', ''],
  [`  ${v0}\n`, 'a CID', ''],
  [`${v0}/readme`, 'a CID', '/readme'],
  [`ipfs://${v1}/`, 'an ipfs:// address', ''],
  [`ipfs://ipfs/${v0}`, 'an ipfs:// address', ''],
  [`/ipfs/${v1}/a/b?x=1`, 'an /ipfs/ path', '/a/b'],
  [`http://127.0.0.1:8480/ipfs/${v1}?download=true`, 'the URL of a gateway', ''],
  [`https://${v1}.ipfs.dweb.link/photo.jpg#top`, 'the URL of a gateway', '/photo.jpg'],
])('finds the CID in %s', (text, form, path) => {
  expect(readContentAddress(text)).toEqual({ kind: 'cid', cid: text.includes(v1) ? v1 : v0, form, path })
})

it.each([
  ['', 'none'],
  ['   ', 'none'],
])('takes %j for nothing yet', (text, kind) => {
  expect(readContentAddress(text)).toEqual({ kind })
})

it.each([
  ['bafkreic54bnnaaaoj7wjvccxyp43ijtqazx77c32bvzu4axrxysbubttx', 'not a CID'],
  ['hello', 'not a CID'],
  ['x'.repeat(3_000), 'longer than any CID'],
  ['https://example.org/photo.jpg', 'no CID in it'],
  ['ipns://example.org', 'IPNS name'],
  ['https://dweb.link/ipns/example.org/', 'IPNS name'],
  ['k51qzi5uqu5dlvj2baxnqndepeb86cbk3ng7n3i46uzyxzyqj2xjonzllnv0v8', 'names a key'],
])('says what is wrong with %s', (text, words) => {
  expect(readContentAddress(text)).toMatchObject({ kind: 'wrong', why: expect.stringContaining(words) as string })
})
