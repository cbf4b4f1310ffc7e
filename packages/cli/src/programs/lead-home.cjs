// Loaded into Node programs before their own code (--require): connections to Pinata's hosts lead to the stand-in on this
// machine. Done where all of http, https, fetch, http2 and plain sockets come by, since Node before 24 heeds no proxy
// variables. Plain JavaScript for whatever Node the program runs on.
const net = require('net')

const pinata = /^(?:api|uploads|gateway)\.pinata\.cloud\.?$|^[^.]+\.mypinata\.cloud\.?$/i
const here = /^(?:localhost|127\.\d+\.\d+\.\d+|::1|\[::1\])$/i

/** `ports`: those of the stand-in for plain HTTP and for TLS. `only`: no connection leads anywhere else. */
module.exports = function leadHome(ports, only) {
  // oxlint-disable-next-line typescript/unbound-method -- it is called with the socket below
  const original = net.Socket.prototype.connect
  net.Socket.prototype.connect = function connect(...args) {
    // Node passes [options, callback]; others (options, callback) or (port, host, callback).
    const given = Array.isArray(args[0]) ? args[0] : args
    const callback = given.find((each) => typeof each === 'function')
    const options =
      typeof given[0] === 'object' && given[0] !== null
        ? given[0]
        : { port: given[0], host: typeof given[1] === 'string' ? given[1] : 'localhost' }
    const host = String(options.host || 'localhost')
    if (options.path) return original.apply(this, args)
    if (pinata.test(host)) {
      const port = Number(options.port) === 80 ? ports.http : ports.tls
      const led = Object.assign({}, options, { host: '127.0.0.1', port, lookup: undefined, family: 4 })
      return callback ? original.call(this, led, callback) : original.call(this, led)
    }
    if (only && !here.test(host)) {
      const error = new Error(`${host} is none of Pinata's hosts, and ./pinyon run --only lets nothing else through.`)
      error.code = 'ECONNREFUSED'
      process.nextTick(() => this.destroy(error))
      return this
    }
    return original.apply(this, args)
  }
}
