import { randomBytes } from 'node:crypto'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { type Installation, makeInstallation, type Process } from './support/processes.ts'
import { uploadTo } from './support/upload-to.ts'

let installation: Installation
beforeEach(async () => {
  installation = await makeInstallation()
})
afterEach(() => installation.close())

const roles = ['api', 'gateway', 'worker'] as const
/** Each process recovers while all the others do, and its clients are there at once. */
const processCount = 4
const clientsOfEach = 100

// promises.md section 6, "recovery stampede".
it(
  'serves all that was acknowledged when all processes are killed and start at the same moment',
  { timeout: 300_000 },
  async () => {
    const before = await startAll(2)
    const key = await installation.setUp(before[0]!) // two
    const acknowledged = new Map<string, Buffer>()
    const failures: unknown[] = []
    let isKilled = false
    const put = async (process: Process): Promise<void> => {
      while (!isKilled) {
        const content = randomBytes(1 + Math.floor(Math.random() * 100_000))
        try {
          acknowledged.set((await uploadTo(process, key, { name: 'random', content })).cid, content)
        } catch (error) {
          if (!isKilled) failures.push(error)
        }
      }
    }
    const clients = [...before, ...before].map(put)
    await expect.poll(() => acknowledged.size, { timeout: 120_000 }).toBeGreaterThan(30)
    isKilled = true
    await Promise.all(before.map((process) => process.kill()))
    await Promise.all(clients)
    expect(failures).toEqual([])

    const contents = [...acknowledged]
    const answers: string[] = []
    /** What is asked of a process in its first moment, while others are still putting in order what the dead ones left. */
    const crowd = (process: Process) =>
      Promise.all(
        Array.from({ length: clientsOfEach }, async (_, i) => {
          if (i % 5 === 0) {
            const content = randomBytes(50_000)
            acknowledged.set((await uploadTo(process, key, { name: 'random', content })).cid, content)
            return
          }
          const [cid, content] = contents[i % contents.length]! // more than 30
          const answer = await fetch(`${process.gatewayUrl}/ipfs/${cid}`)
          const bytes = Buffer.from(await answer.arrayBuffer())
          const isRight = answer.status === 200 && content.equals(bytes)
          answers.push(isRight ? 'served' : `${cid} ${answer.status} ${bytes.subarray(0, 100).toString()}`)
        }),
      )
    const after = await Promise.all(
      Array.from({ length: processCount }, async () => {
        const process = await installation.start(roles)
        await crowd(process)
        return process
      }),
    )
    expect(answers.filter((answer) => answer !== 'served')).toEqual([])
    // Each of them has all.
    for (const process of after) {
      for (const [cid, content] of acknowledged) {
        const answer = await fetch(`${process.gatewayUrl}/ipfs/${cid}`)
        expect(content.equals(Buffer.from(await answer.arrayBuffer())), cid).toBe(true)
      }
    }
  },
)

function startAll(count: number): Promise<Process[]> {
  return Promise.all(Array.from({ length: count }, () => installation.start(roles)))
}
