// Loaded before a program whose hosts are compiled in (--require): its https requests to Pinata's hosts go to the server
// named by PINYON_API and PINYON_GATEWAY instead. The program itself is not changed.
const http = require('node:http')
const https = require('node:https')

const targets = {
  'api.pinata.cloud': process.env.PINYON_API,
  'uploads.pinata.cloud': process.env.PINYON_API,
  'gateway.pinata.cloud': process.env.PINYON_GATEWAY,
}
const original = https.request

https.request = function request(input, options, callback) {
  const named = typeof input === 'string' || input instanceof URL
  const url = named ? new URL(String(input)) : undefined
  const rest = named ? (typeof options === 'function' ? {} : (options ?? {})) : input
  const host = url?.hostname ?? rest.hostname ?? rest.host
  const target = targets[host]
  if (target === undefined) return original.apply(https, arguments)
  const to = new URL(target)
  const done = typeof options === 'function' ? options : callback
  return http.request(
    Object.assign({}, rest, {
      path: url === undefined ? rest.path : url.pathname + url.search,
      protocol: 'http:',
      host: to.hostname,
      hostname: to.hostname,
      port: to.port,
      agent: undefined,
      defaultPort: 80,
    }),
    done,
  )
}
https.get = function get(...args) {
  const request = https.request(...args)
  request.end()
  return request
}
