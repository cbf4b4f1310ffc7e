import type { Action } from './action.ts'
import { carOf } from './cids.ts'
import { blobOf, drawBytes, drawFolder, factsOf, type Part } from './content.ts'
import type { Answer, Ask, Driver } from './driver.ts'
import type { State, Thing } from './history.ts'

/** Uploads that are one request. */
export const uploads: readonly Action[] = [
  { covers: ['filesUpload'], weight: 6, run: (driver) => byForm(driver, alone(driver)) },
  { covers: ['filesUpload'], weight: 3, run: (driver) => byForm(driver, drawFolder(driver.random)) },
  { covers: ['filesUpload'], weight: 2, run: byCar },
  { covers: ['pinFileToIPFS'], weight: 4, run: (driver) => byPinFile(driver, alone(driver)) },
  { covers: ['pinFileToIPFS'], weight: 2, run: (driver) => byPinFile(driver, drawFolder(driver.random)) },
  { covers: ['pinJSONToIPFS'], weight: 3, run: byPinJson },
  { covers: ['filesImport'], weight: 1, run: byImport },
]

/** Writes down a file that is about to be uploaded. */
export function newFile(
  driver: Driver,
  { parts, account, id }: { parts: readonly Part[]; account: number; id?: string },
): Thing {
  const name = `file-${driver.random.hex(12)}`
  return driver.history.add({ kind: 'file', account, name, id, facts: { parts: factsOf(parts) } })
}

/** How an uploaded file looks before anybody changed it. */
export function uploaded(
  { name }: { name: string },
  {
    network,
    keyvalues = {},
    group = null,
  }: { network: string; keyvalues?: Record<string, string>; group?: string | null },
): State {
  return { network, name, keyvalues, group }
}

/** Any account. */
export function anyAccount({ accounts, random }: Driver): number {
  return random.below(accounts.length)
}

const alone = ({ random }: Driver): Part[] => [{ path: '', bytes: drawBytes(random) }]

function addParts(form: FormData, parts: readonly Part[]): void {
  for (const { path, bytes } of parts) form.append('file', blobOf(bytes), path === '' ? 'one.bin' : `root/${path}`)
}

/** Sends an upload and remembers which file it became. */
async function send(driver: Driver, file: Thing, state: State, ask: Ask): Promise<Answer | undefined> {
  const answer = await driver.change(file, state, ask)
  if (answer === undefined) return undefined
  const { data = answer.body } = answer.body
  file.id = data.id ?? data.ID ?? data.file?.id
  file.facts.cid = data.cid ?? data.IpfsHash ?? data.file?.cid
  return answer
}

async function byForm(driver: Driver, parts: readonly Part[]): Promise<void> {
  const network = driver.random.pick(['public', 'private'])
  const file = newFile(driver, { parts, account: anyAccount(driver) })
  const keyvalues = { way: 'form', draw: driver.random.hex(4) }
  const form = new FormData()
  const fields = { network, name: file.name, keyvalues: JSON.stringify(keyvalues) }
  for (const [name, value] of Object.entries(fields)) form.append(name, value)
  addParts(form, parts)
  await send(driver, file, uploaded(file, { network, keyvalues }), { method: 'POST', path: '/v3/files', form })
}

async function byCar(driver: Driver): Promise<void> {
  const parts = drawCarFolder(driver)
  const network = driver.random.pick(['public', 'private'])
  const file = newFile(driver, { parts, account: anyAccount(driver) })
  const form = new FormData()
  for (const [name, value] of Object.entries({ network, name: file.name, car: 'true' })) form.append(name, value)
  form.append('file', blobOf(carOf(parts).car), 'dag.car')
  await send(driver, file, uploaded(file, { network }), { method: 'POST', path: '/v3/files', form })
}

function drawCarFolder({ random }: Driver): Part[] {
  const count = 1 + random.below(40)
  return Array.from({ length: count }, (_, at) => ({
    path: `${at}.bin`,
    bytes: random.bytes(1 + random.below(20_000)),
  }))
}

async function byPinFile(driver: Driver, parts: readonly Part[]): Promise<void> {
  const file = newFile(driver, { parts, account: anyAccount(driver) })
  const keyvalues = { way: 'pinFile' }
  const form = new FormData()
  form.append('pinataMetadata', JSON.stringify({ name: file.name, keyvalues }))
  addParts(form, parts)
  const ask = { method: 'POST', path: '/pinning/pinFileToIPFS', form }
  await send(driver, file, uploaded(file, { network: 'public', keyvalues }), ask)
}

async function byPinJson(driver: Driver): Promise<void> {
  const { random } = driver
  const content = { nonce: random.hex(16), pad: 'x'.repeat(random.below(3_000)) }
  const parts = [{ path: '', bytes: Buffer.from(JSON.stringify(content)) }]
  const file = newFile(driver, { parts, account: anyAccount(driver) })
  const json = { pinataContent: content, pinataMetadata: { name: file.name } }
  const ask = { method: 'POST', path: '/pinning/pinJSONToIPFS', json }
  await send(driver, file, uploaded(file, { network: 'public' }), ask)
}

async function byImport(driver: Driver): Promise<void> {
  const parts = drawCarFolder(driver)
  const network = driver.random.pick(['public', 'private'])
  const file = newFile(driver, { parts, account: anyAccount(driver) })
  const { car, cid } = carOf(parts)
  const form = new FormData()
  const fields = { cid, network, name: file.name, source: 'elsewhere', source_id: file.name }
  for (const [name, value] of Object.entries({ ...fields, created_at: '2021-05-06T07:08:09.123Z' }))
    form.append(name, value)
  form.append('file', blobOf(car), 'x.car')
  await send(driver, file, uploaded(file, { network }), { method: 'POST', path: '/pinyon/v1/imports', form })
}
