// Loaded before the program: no name is ever resolved, as behind a DNS server that swallows every question. What was
// asked is written to the file that NO_DNS_LOG names. Addresses are no names.
const { appendFileSync } = require('node:fs')
const dns = require('node:dns')
const { isIP } = require('node:net')

function silence(target, answer) {
  for (const [name, { value }] of Object.entries(Object.getOwnPropertyDescriptors(target))) {
    if (typeof value !== 'function' || !/^(lookup|resolve|reverse)/.test(name)) continue
    target[name] = function (asked, ...rest) {
      if (isIP(asked) !== 0 && name === 'lookup') return value.call(this, asked, ...rest)
      appendFileSync(process.env.NO_DNS_LOG, `${asked}\n`)
      return answer()
    }
  }
}
for (const target of [dns, dns.Resolver.prototype]) silence(target, () => undefined)
for (const target of [dns.promises, dns.promises.Resolver.prototype]) silence(target, () => new Promise(() => {}))
require('node:module').syncBuiltinESMExports()
