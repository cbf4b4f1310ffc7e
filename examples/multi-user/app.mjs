// An app with a key per user. The app's own key makes one for each user with `own: true`: with it the server itself sees to
// it that nobody sees, changes or lists what another user made, whatever this app gets wrong.
//
//   POST /notes   the text of a note in the body        GET /notes   one's own        DELETE /notes/{id}
//
// Who asks is what your sign-in says; here it is the header `x-user`.
import { createServer } from 'node:http'
import { text } from 'node:stream/consumers'

const { PINYON_API, PINATA_JWT, PORT = '8000' } = process.env

async function ask(jwt, method, path, body) {
  const json = typeof body === 'string'
  const answer = await fetch(`${PINYON_API}${path}`, {
    method,
    headers: { authorization: `Bearer ${jwt}`, ...(json ? { 'content-type': 'application/json' } : {}) },
    body,
  })
  return { status: answer.status, body: await answer.json().catch(() => null) }
}

/** In an app with more than one process these belong in its database, encrypted. */
const keys = new Map()

async function keyOf(user) {
  if (!keys.has(user)) keys.set(user, makeKey(user))
  return keys.get(user)
}

async function makeKey(user) {
  const endpoints = { files: { upload: true, list: true, get: true, delete: true } }
  const wish = { keyName: `user ${user}`, permissions: { endpoints }, bounds: { own: true, maxFileBytes: 100_000 } }
  const { status, body } = await ask(PINATA_JWT, 'POST', '/v3/pinata/keys', JSON.stringify(wish))
  if (status !== 200) throw new Error(`no key for ${user}: ${status} ${JSON.stringify(body)}`)
  return body.JWT
}

const server = createServer(async (request, response) => {
  const send = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  try {
    const user = request.headers['x-user']
    if (!user) return send(401, { error: 'who are you?' })
    const jwt = await keyOf(user)
    const [, notes, id] = request.url.split('/')
    if (notes !== 'notes') return send(404, { error: 'no such page' })
    if (request.method === 'POST') {
      const form = new FormData()
      form.append('file', new File([await text(request)], 'note.txt', { type: 'text/plain' }))
      const { status, body } = await ask(jwt, 'POST', '/v3/files', form)
      return send(status, body.data ?? body)
    }
    if (request.method === 'GET' && id === undefined) {
      const { status, body } = await ask(jwt, 'GET', '/v3/files/private?limit=100')
      return send(status, body.data?.files ?? body)
    }
    const { status, body } = await ask(jwt, request.method, `/v3/files/private/${encodeURIComponent(id)}`)
    return send(status, body?.data ?? body)
  } catch (error) {
    console.error(error)
    return send(502, { error: 'the storage does not answer' })
  }
})
server.listen(Number(PORT), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}`))
