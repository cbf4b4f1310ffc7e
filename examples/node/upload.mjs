// A file up, listed, read from the gateway, unpinned: with fetch and no package.
const { PINYON_API, PINYON_GATEWAY_URL, PINATA_JWT } = process.env

async function call(method, path, body) {
  const answer = await fetch(`${PINYON_API}${path}`, {
    method,
    headers: { authorization: `Bearer ${PINATA_JWT}` },
    body,
  })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer
}

const form = new FormData()
form.append('file', new File(['Hello from Node\n'], 'hello.txt', { type: 'text/plain' }))
form.append('network', 'public')
const { data: file } = await (await call('POST', '/v3/files', form)).json()
console.log('uploaded', file.cid)

const { data: list } = await (await call('GET', `/v3/files/public?cid=${file.cid}`)).json()
if (list.files[0].name === 'hello.txt') console.log('listed')

process.stdout.write(await (await fetch(`${PINYON_GATEWAY_URL}/ipfs/${file.cid}`)).text())
console.log(await (await call('DELETE', `/pinning/unpin/${file.cid}`)).text())
