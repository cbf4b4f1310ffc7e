// What every program here does with its client: one step for each operation, whose answer is looked at, and at the end a
// line of JSON with what came of them.
import assert from 'node:assert/strict'
import { privateKeyToAccount } from 'viem/accounts'

const results = []
/** What builders of some clients drop: they leave their caller waiting. */
let dropped
process.on('unhandledRejection', (error) => {
  dropped?.(error)
})

/** Does one operation of the client. `work` throws when the answer is not what it should be. */
export async function step(operation, work) {
  try {
    const value = await work()
    results.push({ operation, outcome: 'works' })
    return value
  } catch (error) {
    results.push({ operation, outcome: 'fails', detail: textOf(error) })
    return undefined
  }
}

/** An operation that cannot be, and of which the server says so: with this status, and words. */
export async function refusedStep(operation, work, { status = 501, why = '501, in words' } = {}) {
  try {
    const value = await work()
    results.push({ operation, outcome: 'fails', detail: `answered ${JSON.stringify(value)}` })
  } catch (error) {
    const says = `${error.statusCode} ${error.status} ${textOf(error)}`.includes(String(status))
    results.push({ operation, outcome: says ? 'refused' : 'fails', detail: says ? why : textOf(error) })
  }
}

/** Prints what came of the steps. */
export function report() {
  console.log(JSON.stringify(results))
}

/** Lets a step of a builder that drops rejections fail in place of hanging. */
export function within(ms, promise) {
  let timer
  const late = new Promise((_, reject) => {
    dropped = reject
    timer = setTimeout(() => reject(new Error(`no answer in ${ms} ms`)), ms)
  })
  return Promise.race([promise, late]).finally(() => clearTimeout(timer))
}

/** A signature of a CID as its first uploader makes it (EIP-712). */
export async function signCid(cid, date) {
  const account = privateKeyToAccount(`0x${'17'.repeat(32)}`)
  const signature = await account.signTypedData({
    domain: { name: 'Sign Content', version: '1.0.0', chainId: 1 },
    types: {
      Sign: [
        { name: 'address', type: 'address' },
        { name: 'cid', type: 'string' },
        { name: 'date', type: 'string' },
      ],
    },
    primaryType: 'Sign',
    message: { address: account.address, cid, date },
  })
  return { cid, signature, address: account.address }
}

/** A CID of content that is nowhere, so that its pin waits. */
export function absentCid() {
  const alphabet = 'abcdefghijklmnopqrstuvwxyz234567'
  const bytes = Uint8Array.from([1, 0x55, 0x12, 32, ...crypto.getRandomValues(new Uint8Array(32))])
  let bits = ''
  for (const byte of bytes) bits += byte.toString(2).padStart(8, '0')
  return `b${(bits.match(/.{1,5}/g) ?? []).map((five) => alphabet[Number.parseInt(five.padEnd(5, '0'), 2)]).join('')}`
}

function textOf(error) {
  const details = error?.details === undefined ? '' : ` ${JSON.stringify(error.details)}`
  return `${error?.message ?? JSON.stringify(error)}${details}`.replaceAll(/\s+/g, ' ').slice(0, 300)
}

export { assert }
