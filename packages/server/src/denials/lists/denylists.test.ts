import { createHash } from 'node:crypto'
import { appendFile, mkdtemp, rename, rm, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { parseCid } from '../../ipfs/cid.ts'
import { Denylists, openDenylists } from './denylists.ts'

const log = { warn: () => undefined, info: () => undefined }
/** The list of the tester of https://github.com/ipfs-shipyard/nopfs, whose cases follow. */
const official = fileURLToPath(new URL('official.deny', import.meta.url))

let dir: string
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'pinyon-denylists-'))
})
afterAll(() => rm(dir, { recursive: true, force: true }))

async function listOf(name: string, text: string): Promise<string> {
  const file = join(dir, name)
  await writeFile(file, text)
  return file
}

/** As a gateway asks: the content itself for no path, else the path. */
function isListed(lists: Denylists, path: string): boolean {
  const [, space = '', name = '', ...segments] = path.replace(/\/$/, '').split('/')
  if (space === 'ipns') return lists.findName(name.includes('.') || name.length > 40 ? name : fromLabel(name), segments) !== undefined // prettier-ignore
  const cid = parseCid(name)
  return (segments.length === 0 ? lists.find(cid.multihash) : lists.findPath(cid, segments)) !== undefined
}

/** What the gateway makes of a label before it asks. */
function fromLabel(label: string): string {
  return label.replace(/--|-/g, (dash) => (dash === '--' ? '-' : '.'))
}

describe('the official cases', () => {
  let lists: Denylists
  beforeAll(async () => {
    lists = await openDenylists({ places: [official], log })
  })
  afterAll(() => lists.close())

  it('are read whole', () => {
    expect(lists.states).toMatchObject([{ name: 'Testing denylist', rules: 21, broken: 0 }])
  })

  it.each([
    // rule 1: a CID, whatever its codec and version
    '/ipfs/bafybeihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq',
    '/ipfs/bafkreihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq',
    '/ipfs/QmesfgDQ3q6prBy2Kg2gKbW4MAGuWiRP2DVuGA5MZSERLo',
    // 2: with all below it
    '/ipfs/QmdWFA9FL52hx3j9EJZPQP1ZUH8Ygi5tLCX2cRDs6knSf8',
    '/ipfs/QmdWFA9FL52hx3j9EJZPQP1ZUH8Ygi5tLCX2cRDs6knSf8/a/b',
    '/ipfs/QmdWFA9FL52hx3j9EJZPQP1ZUH8Ygi5tLCX2cRDs6knSf8/z/',
    // 3 and 4: beginnings of paths
    ...['Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2', 'QmTuvSQbEDR3sarFAN9kAeXBpiBCyYYNxdxciazBba11eC'].flatMap(
      (cid) => ['test', 'test2', 'test/one'].map((path) => `/ipfs/${cid}/${path}`),
    ),
    // 5
    '/ipfs/QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked',
    '/ipfs/QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/blocked2',
    // 6 to 8: names
    '/ipns/domain.example',
    '/ipns/domain-example',
    '/ipns/domain2.example/path',
    '/ipns/k51qzi5uqu5dhmzyv3zac033i7rl9hkgczxyl81lwoukda2htteop7d3x0y1mf',
    '/ipns/bafzaajaiaejcaotjfs57kieazxny5japcmy5p2pgv2cic77tu6ogghttvurnrufx',
    '/ipns/12D3KooWDkNqEJNmreF3NYYFK1ws7Ra2fuW6cHBTu567SPV3LdYA',
    // 10 and 11: hashes in hex
    '/ipfs/bafybeiefwqslmf6zyyrxodaxx4vwqircuxpza5ri45ws3y5a62ypxti42e',
    '/ipfs/bafybeiefwqslmf6zyyrxodaxx4vwqircuxpza5ri45ws3y5a62ypxti42e/path',
    '/ipns/k51qzi5uqu5dixwsch9wpd9rolqby1m0uqj5hhxwtxal0dwltastfmh01dlniq',
    '/ipns/bafzaajaiaejca3vrvdzmu4qntwa2pn6apsd4ug5k63ckdyhnd3g6vdvgvujdw62s',
    '/ipns/very-bad-example.eth',
    // 12 to 14: hashes in base58, one of them by BLAKE3
    '/ipfs/bafybeidjwik6im54nrpfg7osdvmx7zojl5oaxqel5cmsz46iuelwf5acja',
    '/ipfs/QmVTF1yEejXd9iMgoRTFDxBv7HAz9kuZcQNBzHrceuK9HR',
    '/ipfs/bafyb4ieqht3b2rssdmc7sjv2cy2gfdilxkfh7623nvndziyqnawkmo266a/path',
    '/ipfs/f01701e20903cf61d46521b05f926ba1634628d0bba8a7ffb5b6d5a3ca310682ca63b5ef0/path',
    '/ipns/my.domain.com',
    '/ipns/my.domain2.com/path',
    '/ipns/k51qzi5uqu5dixwsch9wpd9rolqby1m0uqj5hhxwtxal0dwltastfmh01dabcd',
    '/ipns/k51qzi5uqu5dixwsch9wpd9rolqby1m0uqj5hhxwtxal0dwltastfmh01d1234/mypath',
    '/ipns/bafzaajaiaejca3vrvdzmu4qntwa2pn6apsd4ug5k63ckdyhnd3g6vdvgvujczuoq/mypath',
  ])('refuse %s', (path) => expect(isListed(lists, path)).toBe(true))

  it.each([
    '/ipfs/bafybeihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq/sub2',
    '/ipfs/Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2',
    '/ipfs/Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2/tes',
    '/ipfs/Qmah2YDTfrox4watLCr3YgKyBwvjq8FJZEFdWY6WtJ3Xt2/one/test',
    '/ipfs/QmTuvSQbEDR3sarFAN9kAeXBpiBCyYYNxdxciazBba11eC',
    ...['blockednot', 'blocked/not', 'blocked/exceptions', 'blocked/exceptions2', 'blocked/exceptions/one'].map(
      (path) => `/ipfs/QmUboz9UsQBDeS6Tug1U8jgoFkgYxyYood9NDyVURAY9pK/${path}`,
    ),
    '/ipns/domainaefa.example',
    '/ipns/domain.example/path',
    '/ipns/domain--example',
    '/ipns/domain2.example',
    '/ipns/domain2.example/path2',
    '/ipns/12D3KooWDkNqEJNmreF3NYYFK1ws7Ra2fuW6cHBTu567SPV3LdYA/path',
    '/ipfs/bafybeiefwqslmf6zyyrxodaxx4vwqircuxpza5ri45ws3y5a62ypxti42e/path2',
    '/ipfs/bafyb4ieqht3b2rssdmc7sjv2cy2gfdilxkfh7623nvndziyqnawkmo266a',
    '/ipfs/bafyb4ieqht3b2rssdmc7sjv2cy2gfdilxkfh7623nvndziyqnawkmo266a/path2',
    '/ipns/my.domain2.com/path2',
    '/ipns/k51qzi5uqu5dixwsch9wpd9rolqby1m0uqj5hhxwtxal0dwltastfmh01d1234/mypath2',
    // 15: empty content, which files of everybody have in them
    '/ipfs/QmUNLLsPACCz1vLxQVkXqqLX5R1X345qqfHbsf67hvA3Nn',
    '/ipfs/bafyaabakaieac',
    '/ipfs/bafkreihdwdcefgh4dqkjv67uzcmw7ojee6xedzdetojuzjevtenxquvyku',
    '/ipfs/bafkqaaa',
    '/ipfs/QmbFMke1KXqnYyBBWxB74N4c5SBnJMVAiMNRcGu6x1AwQH',
    '/ipfs/bafyreigbtj4x7ip5legnfznufuopl4sg4knzc2cof6duas4b3q2fy6swua',
    '/ipfs/baguqeeraiqjw7i2vwntyuekgvulpp2det2kpwt6cd7tx5ayqybqpmhfk76fa',
  ])('let %s pass', (path) => expect(isListed(lists, path)).toBe(false))
})

const cid = 'bafkreihvvulpp4evxj7x7armbqcyg6uezzuig6jp3lktpbovlqfkuqeuoq'
const { multihash } = parseCid(cid)

describe('lists', () => {
  it('name broken lines, follow the others, and take hints for the status', async () => {
    const file = await listOf('broken.deny', ['name: "ours"', 'hints:', '  gateway_status: 451', '---', '# said by a court', '/ipfs/nonsense', `/ipfs/${cid}`, '//zzz', '/path', `/ipns/name`, ''].join('\r\n')) // prettier-ignore
    const lists = await openDenylists({ places: [file], log })
    expect(lists.find(multihash)).toMatchObject({ list: 'ours', line: 7, isLegal: true })
    const [state] = lists.states
    expect(state).toMatchObject({ rules: 1, broken: 4, problem: undefined })
    expect(state?.brokenLines.map(({ line }) => line)).toEqual([6, 8, 9, 10])
    expect(lists.told).toEqual({ denylists: 'broken' })
    await lists.close()
  })

  it('have the last word of the last list', async () => {
    const first = await listOf('a.deny', `/ipfs/${cid}\n`)
    const last = await listOf('b.deny', `!/ipfs/${cid}\n`)
    for (const [places, isDenied] of [
      [[first, last], false],
      [[last, first], true],
    ] as const) {
      const lists = await openDenylists({ places, log })
      expect(lists.find(multihash) !== undefined).toBe(isDenied)
      await lists.close()
    }
  })

  it('are read again when a file stands still after a change, and stay when it cannot be read', async () => {
    let now = 0
    const file = await listOf('changing.deny', '# nothing yet\n')
    const lists = new Denylists({ places: [file], log, now: () => now })
    await lists.load()
    expect(lists.find(multihash)).toBeUndefined()
    await appendFile(file, `/ipfs/${cid}\n`)
    await lists.look()
    expect(lists.find(multihash)).toBeUndefined()
    await lists.look()
    expect(lists.find(multihash)).toBeDefined()
    // One that is written all the time is read in the end.
    for (let i = 0; i < 6; i++, now += 5_000) {
      await appendFile(file, i === 0 ? `!/ipfs/${cid}\n` : `# ${i}\n`)
      await lists.look()
    }
    expect(lists.find(multihash)).toBeUndefined()
    await rename(await listOf('next', `/ipfs/${cid}\n`), file)
    await lists.look()
    await lists.look()
    expect(lists.find(multihash)).toBeDefined()
    await unlink(file)
    await lists.look()
    expect(lists.find(multihash)).toBeDefined()
    expect([lists.told, lists.states[0]?.problem]).toEqual([
      { denylists: 'failing' },
      expect.stringContaining('ENOENT'),
    ])
  })

  it('of 120,000 lines hold nobody for long and are small', async () => {
    const lines = Array.from({ length: 120_000 }, (_, i) => `//${createHash('sha256').update(String(i)).digest('hex')}`)
    const hashed = createHash('sha256').update(`${cid}/`).digest('hex')
    const file = await listOf('large.deny', `${lines.join('\n')}\n//${hashed}\n`)
    const lists = new Denylists({ places: [file], log })
    let last = performance.now()
    let cpu = process.cpuUsage()
    let longest = 0
    const timer = setInterval(() => {
      const used = process.cpuUsage(cpu)
      // Of a machine that is busy with others only what this process did counts.
      longest = Math.max(longest, Math.min(performance.now() - last, (used.user + used.system) / 1_000))
      last = performance.now()
      cpu = process.cpuUsage()
    }, 1)
    await lists.load()
    clearInterval(timer)
    expect(lists.size).toBe(120_001)
    expect(lists.find(multihash)).toMatchObject({ line: 120_001 })
    expect(longest).toBeLessThan(50)
  })
})
