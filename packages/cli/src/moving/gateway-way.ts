import { formatCid, parseCid } from '@pinyon/server/ipfs/cid.ts'
import { answeredBadly, askElsewhere, type Asking } from './ask-elsewhere.ts'
import { type CarBody, SourceFailed } from './import-item.ts'
import { rebuildFile } from './rebuild-file.ts'

const carType = 'application/vnd.ipld.car'

/** How a gateway is asked for the content of one CID. */
export interface GatewayAt extends Asking {
  readonly headers: Readonly<Record<string, string>>
  /** The address of the content, of its CAR; asked for anew each time, since it may be good for a while only. */
  readonly urlOf: (asCar: boolean) => Promise<string>
  /** The content may be a folder, whose page is not looked at. */
  readonly isFolder: boolean
}

/**
 * The content of a CID by a gateway: a CAR where it gives one, which the server checks block by block; else the bytes of
 * a file, out of which its DAG is made anew and held against the CID. Throws SourceFailed.
 */
export async function bringByGateway(cid: string, at: GatewayAt): Promise<CarBody> {
  const first = await ask(at, true)
  if (isCar(first)) return carBody(at, first)
  // A gateway that knows no CARs either says so, or passes over what it does not know and gives the file.
  const bytes = first.ok ? first : await without(first, at)
  if (at.isFolder) {
    await bytes.body?.cancel()
    throw new SourceFailed(`the gateway gives no CARs, and ${formatCid(parseCid(cid))} is a folder`)
  }
  if (!bytes.ok) throw await answeredBadly(bytes, at)
  return rebuildFile(piecesOf(bytes), cid, at.signal)
}

function carBody(at: GatewayAt, first: Response): CarBody {
  let opened: Response | undefined = first
  return {
    sizeBytes: undefined,
    async *open() {
      const answer = opened ?? (await ask(at, true))
      opened = undefined
      if (!isCar(answer)) throw await answeredBadly(answer, at)
      yield* piecesOf(answer)
    },
    async close() {
      await opened?.body?.cancel()
    },
  }
}

async function without(first: Response, at: GatewayAt): Promise<Response> {
  const { status } = first
  if (status === 401 || status === 403 || status === 404) return first
  await first.body?.cancel()
  return ask(at, false)
}

async function ask(at: GatewayAt, asCar: boolean): Promise<Response> {
  const headers = { ...at.headers, ...(asCar ? { accept: `${carType}, */*;q=0.1` } : {}) }
  return askElsewhere(await at.urlOf(asCar), { headers }, at)
}

function isCar(answer: Response): boolean {
  return answer.ok && (answer.headers.get('content-type') ?? '').startsWith(carType)
}

function piecesOf({ body }: Response): AsyncIterable<Uint8Array> {
  if (body === null) throw new SourceFailed('the gateway gave nothing')
  return body as AsyncIterable<Uint8Array> // Node's streams are; the DOM's types do not say so
}
