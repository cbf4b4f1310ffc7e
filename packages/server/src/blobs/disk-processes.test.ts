import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createReadStream } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, readlink, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { CarReader } from '@ipld/car/reader'
import { afterEach, beforeEach, expect, it } from 'vitest'
import type { NewBlock, PackLocation } from './blob-store.ts'
import { type DiskStore, openDiskPacks } from './disk.ts'
import type { Answer, Request } from './other-process.ts'
import { PackReader } from './pack-reader.ts'
import { collect, payload, randomBlocks } from './random-blocks.ts'
import { FaultyFileOps } from './faulty-file-ops.ts'
import { systemFileOps } from './file-ops.ts'
import { packPath } from './pack-names.ts'

let place: string
let dir: string
let children: ChildProcess[]

beforeEach(async () => {
  place = await mkdtemp(join(tmpdir(), 'pinyon-packs-'))
  dir = join(place, 'packs')
  children = []
})
afterEach(async () => {
  for (const child of children) {
    if (child.exitCode !== null || child.signalCode !== null) continue
    child.kill('SIGKILL')
    await once(child, 'exit')
  }
  await rm(place, { recursive: true })
})

/** A second process that does one thing after another; through `sh`, so that limits can be set before it starts. */
function startOther(limits = ''): (request: Request) => Promise<Answer> {
  const script = fileURLToPath(new URL('other-process.ts', import.meta.url))
  const child = spawn('sh', ['-c', `${limits} exec "$0" "$1"`, process.execPath, script], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  children.push(child)
  return async (request) => {
    child.send(request)
    const [answer] = (await once(child, 'message')) as [Answer] // what our own script sends
    return answer
  }
}

async function appendOne(store: DiskStore, sizeBytes: number): Promise<{ block: NewBlock; location: PackLocation }> {
  const [block] = randomBlocks(sizeBytes)
  if (block === undefined) throw new Error('one size makes one block')
  const [location] = await store.append([block])
  if (location === undefined) throw new Error('one block has one place')
  return { block, location }
}

it.each([
  { way: 'through the page cache', directFromBytes: Infinity },
  { way: 'past it', directFromBytes: 4096 },
])('serves another process while this one appends $way and removes', async ({ directFromBytes }) => {
  const ask = startOther()
  const store = await openDiskPacks({ dir, writerId: 'w', segmentBytes: 100_000, directFromBytes })
  expect(await ask({ do: 'open', dir })).toEqual({ done: true })
  const written: { block: NewBlock; location: PackLocation }[] = []
  const removed = new Set<string>()
  let [readWhole, toldMissing] = [0, 0]
  for (let round = 0; round < 60; round++) {
    written.push(await appendOne(store, 9000 + round))
    const { block, location } = written[(round * 7) % written.length]!
    const reading = ask({ do: 'read', location })
    const oldest = written.find(({ location: { pack } }) => !removed.has(pack))?.location.pack
    const packs = await store.list()
    if (round % 10 === 9 && oldest !== undefined && !packs.some(({ pack, current }) => current && pack === oldest)) {
      removed.add(oldest)
      await store.remove(oldest)
    }
    const answer = await reading
    if ('base64' in answer) {
      expect(payload(block).equals(Buffer.from(answer.base64, 'base64'))).toBe(true)
      readWhole++
    } else {
      expect(answer).toMatchObject({ error: expect.stringContaining('PackMissing'), code: 'storage_failed' })
      expect(removed).toContain(location.pack)
      toldMissing++
    }
  }
  expect(readWhole).toBeGreaterThan(10)
  expect(removed.size).toBeGreaterThan(2)
  expect(readWhole + toldMissing).toBe(60)
  await store.close()
})

it('lets another process finish what it has open, and tells those that come later', async () => {
  const ask = startOther()
  const store = await openDiskPacks({ dir, writerId: 'w' })
  const { block, location } = await appendOne(store, 5000)
  await ask({ do: 'open', dir })
  const whole = { base64: payload(block).toString('base64') }
  expect(await ask({ do: 'read', location })).toEqual(whole)
  await store.seal(location.pack)
  await store.remove(location.pack)
  expect(await ask({ do: 'read', location })).toEqual(whole)
  const late = startOther()
  await late({ do: 'open', dir })
  expect(await late({ do: 'read', location })).toMatchObject({ error: expect.stringContaining('PackMissing') })
  await store.close()
})

it('gives the space of a large pack back in steps, and does not call that damage in a process that reads it', async () => {
  const ops = new FaultyFileOps()
  const store = await openDiskPacks({ dir, ops, writerId: 'w' })
  const locations = []
  for (let at = 0; at < 18; at++) locations.push((await appendOne(store, 2 ** 20)).location)
  const [first, last] = [locations[0]!, locations.at(-1)!] // eighteen
  const scan = store.scan(first.pack)[Symbol.asyncIterator]()
  await scan.next()
  const ask = startOther()
  await ask({ do: 'open', dir })
  expect(await ask({ do: 'read', location: last })).toMatchObject({ base64: expect.any(String) })
  await store.seal(first.pack)
  const seen: unknown[] = []
  const removing = store.remove(first.pack, {
    between: async () => {
      seen.push(await ask({ do: 'read', location: last }))
      throw new Error('the server stops')
    },
  })
  await expect(removing).rejects.toMatchObject({ cause: { message: 'the server stops' } })
  expect(seen).toEqual([expect.objectContaining({ error: expect.stringContaining('PackMissing') })])
  expect(ops.count('ftruncate')).toBe(1)
  expect(await store.list()).toEqual([])
  const rest = async () => {
    while (!(await scan.next()).done);
  }
  await expect(rest()).rejects.toMatchObject({ name: 'PackMissing' })
  await store.close()
})

it('lets go of packs that another process removed, so that their space comes back', async () => {
  const store = await openDiskPacks({ dir, writerId: 'w' })
  const { location } = await appendOne(store, 5000)
  const { location: kept } = await appendOne(await openDiskPacks({ dir, writerId: 'x' }), 10)
  const reader = new PackReader(systemFileOps, dir, 10)
  await reader.read(location)
  await reader.read(kept)
  await store.seal(location.pack)
  await store.remove(location.pack)
  const held = async () => {
    const links = await readdir('/proc/self/fd')
    const targets = await Promise.all(links.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')))
    return targets.filter((target) => target.startsWith(dir) && target.endsWith('(deleted)')).length
  }
  expect(await held()).toBe(1)
  await reader.releaseRemoved()
  await expect.poll(held).toBe(0)
  await expect(reader.read(location)).rejects.toMatchObject({ name: 'PackMissing' })
  expect(await reader.read(kept)).toHaveLength(10)
  await reader.close()
  await store.close()
})

it('reads what was put in the place of a pack once it is opened anew', async () => {
  const store = await openDiskPacks({ dir, writerId: 'w' })
  const { block, location } = await appendOne(store, 5000)
  expect(await store.read(location)).toEqual(payload(block))
  const path = packPath(dir, location.pack)
  await writeFile(`${path}.aside`, (await readFile(path)).fill(7, location.offset))
  await rename(`${path}.aside`, path)
  expect(await store.read(location)).toEqual(payload(block))
  store.reopen(location.pack)
  expect(await store.read(location)).toEqual(Buffer.alloc(5000, 7))
  await store.close()
})

it('makes files and directories that only their owner can open, whatever the umask is', async () => {
  const ask = startOther()
  expect(await ask({ do: 'fill', dir, umask: 0, sizes: [10] })).toEqual({ done: true })
  expect(((await stat(dir)).mode & 0o777).toString(8)).toBe('700')
  expect(((await stat(packPath(dir, 'other-000001'))).mode & 0o777).toString(8)).toBe('600')
})

it('closes a directory of packs that others could open', async () => {
  await mkdir(dir, { mode: 0o755 })
  const store = await openDiskPacks({ dir, writerId: 'w' })
  await store.close()
  expect(((await stat(dir)).mode & 0o777).toString(8)).toBe('700')
})

it('lives through a limit on the size of files', async () => {
  // 1,000 blocks of 512 bytes, as POSIX counts; some shells count KiB.
  const ask = startOther('ulimit -f 1000;')
  expect(await ask({ do: 'fill', dir, umask: 0, sizes: [300_000, 2_000_000] })).toMatchObject({ code: 'storage_full' })
  const reader = await openDiskPacks({ dir, readOnly: true })
  const scan = reader.scan('other-000001')
  expect(await collect(scan)).toHaveLength(1)
  expect((await reader.list()).map(({ sizeBytes }) => sizeBytes)).toEqual([scan.endBytes])
  await reader.close()
})

it('writes packs that other CAR readers understand', async () => {
  const store = await openDiskPacks({ dir, writerId: 'w' })
  const blocks = randomBlocks(0, 1, 1000, 300_000, 2_097_152)
  await store.append(blocks)
  await store.close()
  const car = await CarReader.fromIterable(createReadStream(packPath(dir, 'w-000001')))
  expect((await car.getRoots()).map(String)).toEqual(['bafkqaaa'])
  const read = []
  for await (const { cid, bytes } of car.blocks()) read.push({ cid: Buffer.from(cid.bytes), bytes: Buffer.from(bytes) })
  expect(read.map(({ cid }) => cid)).toEqual(blocks.map(({ cid }) => cid))
  for (const [i, { bytes }] of read.entries()) expect(payload(blocks[i]!).equals(bytes)).toBe(true)
})
