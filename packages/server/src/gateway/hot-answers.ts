import type { IncomingMessage, ServerResponse } from 'node:http'
import { LRUCache } from 'lru-cache'
import type { BlockSource } from '../ipfs/block.ts'
import type { Services } from '../services.ts'
import type { Arrival } from './arrival.ts'
import type { Content } from './find-content.ts'
import type { GatewayRequest } from './read-request.ts'
import type { Reply } from './reply.ts'

/** Bytes of all answers that are kept. */
const maxBytes = 32 * 1024 * 1024
/** Larger ones cost so much to send that finding them out anew makes no difference. */
const maxBodyBytes = 1024 * 1024
/** Answers made of more blocks are found out anew: every block is asked about for each request. */
const maxBlocks = 16
/** What an entry costs beside its body. */
const entryBytes = 3_000
/** Bodies up to this size are sent in one piece with their headers. */
const maxTextBytes = 16 * 1024

/** A whole answer, and what it was made of. */
export interface HotAnswer {
  readonly request: GatewayRequest
  readonly content: Content
  /** Blocks that were read for it: while all of them are public and none is taken down, it stands. */
  readonly blocks: readonly Uint8Array[]
  /** Names and values in turn. The id of the request, at `idAt`, is written anew each time. */
  readonly headers: string[]
  readonly idAt: number
  readonly body: Uint8Array
  /** Of the denylists that its path was held against. */
  readonly listsVersion: number
  text: string | undefined
}

/** Takes what a request reads and answers, to be given again. */
export interface Keeping {
  /** The source, with what is read from it written down. */
  readonly source: BlockSource
  readonly keep: NonNullable<Reply['keep']>
}

/**
 * Whole answers to plain requests for public content, given again without finding them out anew. Nothing is believed
 * for longer than blocks are: an answer is given only while every block that was read for it is known to be public and
 * is not taken down; else the request goes its whole way. Headers are those of the first answer, but for the id.
 */
export class HotAnswers {
  readonly #services: Pick<Services, 'publicPlaces' | 'denials'>
  readonly #answers = new LRUCache<string, HotAnswer>({
    maxSize: maxBytes,
    sizeCalculation: ({ body }) => body.length + entryBytes,
  })

  constructor(services: Pick<Services, 'publicPlaces' | 'denials'>) {
    this.#services = services
  }

  /** The answer to a request, when there is one that still stands. */
  find(raw: IncomingMessage, arrival: Arrival): HotAnswer | undefined {
    if (!isPlain(raw)) return undefined
    const answer = this.#answers.get(keyOf(raw, arrival))
    if (answer === undefined) return undefined
    const { publicPlaces, denials } = this.#services
    if (answer.listsVersion !== denials.listsVersion) return undefined
    for (const block of answer.blocks) {
      if (publicPlaces.peek(block) === undefined || denials.isDenied(block)) return undefined
    }
    return answer
  }

  /** Watches how a request for public content is answered; undefined for one whose answer is for it alone. */
  keeping(
    raw: IncomingMessage,
    arrival: Arrival,
    { source, request, content }: { source: BlockSource; request: GatewayRequest; content: Content },
  ): Keeping | undefined {
    if (!isPlain(raw) || content.lasting !== 'always') return undefined
    const blocks: Uint8Array[] = []
    const { listsVersion } = this.#services.denials
    return {
      source: {
        get: (multihash, codec) => {
          if (blocks.length <= maxBlocks) blocks.push(multihash)
          return source.get(multihash, codec)
        },
      },
      keep: (headers, body) => {
        if (blocks.length > maxBlocks || body.length > maxBodyBytes) return
        const list = Object.entries(headers).flatMap(([name, value]) => [name, String(value)])
        const idAt = list.indexOf('x-request-id') + 1
        // The answer outlives the request, whose headers are of no use to anybody.
        const kept = {
          request: { ...request, headers: {} },
          content,
          blocks,
          headers: list,
          idAt,
          body,
          listsVersion,
          text: undefined,
        }
        this.#answers.set(keyOf(raw, arrival), kept)
      },
    }
  }
}

/** Sends an answer again. */
export function sendAgain(answer: HotAnswer, requestId: string, response: ServerResponse): void {
  const { headers, body } = answer
  headers[answer.idAt] = requestId
  response.writeHead(200, headers)
  if (body.length > maxTextBytes) {
    response.end(body)
    return
  }
  // Text of one byte a character goes out together with the headers: one write, and nothing is joined before it.
  answer.text ??= Buffer.from(body.buffer, body.byteOffset, body.length).toString('latin1')
  response.end(answer.text, 'latin1')
}

/** Whether a request asks for all of something, whatever its client has. */
function isPlain({ method, headers }: IncomingMessage): boolean {
  return (
    method === 'GET' &&
    headers.range === undefined &&
    headers['if-none-match'] === undefined &&
    headers['service-worker'] === undefined
  )
}

/** Everything of a plain request that its answer depends on. */
function keyOf({ headers }: IncomingMessage, { scheme, host, target }: Arrival): string {
  return `${target}\n${host}\n${headers.host}\n${scheme}\n${headers.accept ?? ''}`
}
