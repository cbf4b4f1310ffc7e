import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { startPinyon, type StartedPinyon } from '@pinyon/testing'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { run } from './support/run.ts'

const example = (name: string) => fileURLToPath(new URL(`../examples/${name}`, import.meta.url))

let pinyon: StartedPinyon

beforeAll(async () => {
  pinyon = await startPinyon()
})
afterAll(() => pinyon.stop())

describe('the example in', () => {
  it.each([
    ['cURL', 'sh', [example('curl/upload.sh')]],
    ['Node', process.execPath, [example('node/upload.mjs')]],
    ['Python', 'python3', [example('python/upload.py')]],
    ['Go', 'go', ['run', example('go/upload.go')]],
  ])('%s uploads, lists, reads and unpins', async (language, command, args) => {
    const { code, stdout, stderr } = await run(command, args, { env: pinyon.env })
    expect(code, stderr).toBe(0)
    expect(stdout.trim().split('\n')).toEqual([
      expect.stringMatching(/^uploaded bafk/),
      'listed',
      `Hello from ${language}`,
      'OK',
    ])
  })
})

it('the drop puts 10,000 pictures and their metadata up as two folders', async () => {
  const { code, stdout, stderr } = await run(process.execPath, [example('nft-drop/drop.mjs'), '10000'], {
    env: pinyon.env,
  })
  expect(code, stderr).toBe(0)
  expect(stdout).toMatch(/^pictures: 10000 files.*\nmetadata: 10000 files.*\nipfs:\/\/bafy\w+\/\n$/)
})

it('the serverless function signs links that take one picture each', async () => {
  // The function reads its environment as it does on its platform.
  Object.assign(process.env, { PINYON_API: pinyon.urls.api, PINATA_JWT: pinyon.key.jwt })
  const { default: handler } = (await import(example('serverless/handler.mjs'))) as {
    default: (request: Request) => Promise<Response>
  } // the file exports it
  const answer = await handler(new Request('http://function.example/', { method: 'POST', body: '{"filename":"cat"}' }))
  const { url } = (await answer.json()) as { url: string }
  const send = async (content: string) => {
    const form = new FormData()
    form.append('file', new File([content], 'cat.png'))
    const sent = await fetch(url, { method: 'POST', body: form })
    return { status: sent.status, body: await sent.json() }
  }
  expect((await send('no picture')).status).toBe(400)
  const picture = Buffer.from(
    'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
    'base64',
  )
  const form = new FormData()
  form.append('file', new File([picture], 'cat.png'))
  const taken = await fetch(url, { method: 'POST', body: form })
  expect(await taken.json()).toMatchObject({ data: { name: 'cat', network: 'public', mime_type: 'image/png' } })
  expect((await handler(new Request('http://function.example/'))).status).toBe(405)
})

describe('the app with a key per user', () => {
  let app: ReturnType<typeof spawn>
  let url: string
  beforeAll(async () => {
    app = spawn(process.execPath, [example('multi-user/app.mjs')], {
      env: { PATH: process.env['PATH'], ...pinyon.env, PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    if (app.stdout === null) throw new Error('the app was started with a pipe')
    url = String((await once(app.stdout, 'data'))[0]).trim()
  })
  afterAll(async () => {
    app.kill()
    await once(app, 'exit')
  })

  const ask = async (user: string, method: string, path: string, body?: string) => {
    const answer = await fetch(`${url}${path}`, {
      method,
      headers: { 'x-user': user },
      ...(body === undefined ? {} : { body }),
    })
    return { status: answer.status, body: await answer.json() }
  }
  const idsOf = async (user: string) => (await ask(user, 'GET', '/notes')).body.map(({ id }: { id: string }) => id)

  it('shows each user their own, and to nobody else that it is there', async () => {
    const made = await ask('one', 'POST', '/notes', 'of user one')
    expect(made.status).toBe(200)
    const { id } = made.body
    const other = await ask('two', 'POST', '/notes', 'of user two')
    expect(await idsOf('one')).toEqual([id])
    expect(await idsOf('two')).toEqual([other.body.id])
    expect((await ask('one', 'GET', `/notes/${id}`)).status).toBe(200)
    const unknown = await ask('two', 'GET', '/notes/01a217b6-0000-7000-8000-000000000000')
    expect(unknown.status).toBe(404)
    for (const method of ['GET', 'DELETE']) expect((await ask('two', method, `/notes/${id}`)).status, method).toBe(404)
    expect(await idsOf('one')).toEqual([id])
    expect((await ask('one', 'DELETE', `/notes/${id}`)).status).toBe(200)
    expect(await idsOf('one')).toEqual([])
    expect(await idsOf('two')).toEqual([other.body.id])
  })
})
