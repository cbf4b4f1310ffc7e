// Plain CommonJS, so that every test runner loads it as it is, on every Node that a project of today uses. The server
// itself is `./pinyon ephemeral --hold` of this checkout, which finds its own Node.
const { spawn } = require('node:child_process')
const { existsSync, readFileSync } = require('node:fs')
const path = require('node:path')

const pinyon = path.join(__dirname, '../../pinyon')

exports.startPinyon = async function startPinyon({ tls = false, env = {}, timeoutMs = 60_000 } = {}) {
  if (!existsSync(pinyon))
    throw new Error(
      `@pinyon/testing starts the checkout it lies in, and ${pinyon} is not there. Install it by its folder: npm i -D /path/to/pinyon/packages/testing`,
    )
  // Its stdin stays open as long as this process lives: then it ends by itself.
  const child = spawn(pinyon, ['ephemeral', '--hold', ...(tls ? ['--tls'] : [])], {
    env: { ...cleaned(process.env), ...env },
    stdio: ['pipe', 'pipe', 'pipe'],
  })
  const ended = new Promise((resolve) => child.once('close', resolve))
  child.stdin.on('error', () => undefined)
  const stop = async () => {
    child.stdin.end()
    await ended
  }
  let given
  try {
    given = await firstLine(child, timeoutMs)
  } catch (error) {
    child.kill()
    await ended
    throw error
  }
  // A test runner need not wait for a server that nobody stopped.
  for (const each of [child, child.stdin, child.stdout, child.stderr]) each.unref()
  const api = given.PINYON_API
  const gateway = given.PINYON_GATEWAY_URL
  return {
    env: given,
    urls: {
      api,
      gateway,
      sdk: {
        endpointUrl: `${api}/v3`,
        uploadUrl: `${api}/v3`,
        legacyUploadUrl: `${api}/pinning/pinFileToIPFS`,
        pinataGateway: gateway,
      },
    },
    key: { jwt: given.PINATA_JWT, apiKey: given.PINATA_API_KEY, apiSecret: given.PINATA_API_SECRET },
    authority: given.PINYON_CA === undefined ? undefined : readFileSync(given.PINYON_CA, 'utf8'),
    stop,
    [Symbol.asyncDispose]: stop,
  }
}

/** Options that test runners set for their own processes are not for the server. */
function cleaned(env) {
  const { NODE_OPTIONS: _options, ...rest } = env
  return rest
}

function firstLine(child, timeoutMs) {
  return new Promise((resolve, reject) => {
    let printed = ''
    let complaints = ''
    const fail = (why) => reject(new Error(`Pinyon did not start: ${why}\n${complaints || printed}`.trim()))
    const timer = setTimeout(() => fail(`nothing came for ${timeoutMs} ms`), timeoutMs)
    child.once('error', (error) => fail(error.message))
    child.once('close', (code) => fail(`it ended with ${code}`))
    child.stderr.on('data', (chunk) => (complaints += chunk))
    child.stdout.on('data', (chunk) => {
      printed += chunk
      if (!printed.includes('\n')) return
      clearTimeout(timer)
      try {
        resolve(JSON.parse(printed))
      } catch {
        fail('what it printed is not what it should be')
      }
    })
  })
}
