import { sha256 } from '../load/content.ts'
import { certain, type Thing } from '../load/history.ts'
import { namesPath } from '../load/names.ts'
import type { Seen } from './observe.ts'
import type { Reader } from './reader.ts'

interface Shown {
  readonly id: string
  readonly label: string
  readonly name: string
  readonly value: string | null
  readonly sequence: number
  readonly keyExportedAt: string | null
}

interface Published {
  readonly sequence: number
  readonly value: string
}

/** The names of an account; their histories and where the gateway follows them to are held against what was acknowledged. */
export async function listNames(reader: Reader, account: number): Promise<Seen[]> {
  const all = await reader.listAll(namesPath, account, ({ names, nextPageToken }) => ({
    items: names as Shown[],
    next: nextPageToken,
  }))
  const known = new Map(reader.driver.history.ofKind('name').map((thing) => [thing.name, thing]))
  for (const shown of all) {
    const thing = known.get(shown.label.split('~', 1)[0] ?? '')
    if (thing === undefined) continue
    await checkHistory(reader, thing, shown)
    await checkServed(reader, thing, shown)
  }
  return all.map(({ id, label, value, sequence, keyExportedAt }) => {
    return { id, name: label, state: { label, value, sequence, exported: keyExportedAt !== null } }
  })
}

/** No number twice, none of those acknowledged gone or changed, and the last one is what the name says. */
async function checkHistory(reader: Reader, { name, facts, account }: Thing, shown: Shown): Promise<void> {
  const answer = await reader.get(`${namesPath}/${shown.id}/history?limit=1000`, { as: account })
  if (answer === undefined) return
  const history = answer.body.history as Published[]
  const values = new Map(history.map(({ sequence, value }) => [sequence, value]))
  if (values.size < history.length) reader.wrong.push(`name ${name} has a number twice`)
  for (const { sequence, value } of facts.records ?? [])
    if (values.get(sequence) !== value)
      reader.wrong.push(`name ${name} says ${values.get(sequence)} at ${sequence}, ${value} was acknowledged there`)
  const [last] = history
  if (last !== undefined && (last.sequence !== shown.sequence || last.value !== shown.value))
    reader.wrong.push(`name ${name} is at ${shown.sequence}, its history at ${last.sequence}`)
  if (last === undefined && shown.value !== null) reader.wrong.push(`name ${name} has no history`)
}

/** What the gateway shows under a name that leads to a file which is there still, and is no folder. */
async function checkServed({ driver, wrong }: Reader, { name, account }: Thing, { value, ...shown }: Shown) {
  const isThere = (file: Thing) => certain(file)?.['network'] === 'public' && file.facts.parts?.[0]?.path === ''
  const file = driver.history
    .ofKind('file')
    .find((one) => one.account === account && value === `/ipfs/${one.facts.cid}` && isThere(one))
  if (file === undefined) return
  const read = await driver.read({ method: 'GET', path: `${driver.urls.gatewayUrl}/ipns/${shown.name}`, as: 'none' })
  if (read?.status !== 200 || sha256(read.body) !== file.facts.parts?.[0]?.digest)
    wrong.push(
      `name ${name} at ${shown.sequence} leads to ${value}, and the gateway shows ${read?.status} with other bytes`,
    )
}
