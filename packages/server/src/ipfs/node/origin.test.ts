import { expect, it } from 'vitest'
import { readOrigin } from './origin.ts'

const peerId = '12D3KooWJv6GkzRMgpZ5fMMmT3T4hBD6jRY8Xv8N5ZVwSwmsU2cG'

it('reads peers over TCP and WebSocket', () => {
  expect(readOrigin(`/ip4/192.0.2.1/tcp/4001/p2p/${peerId}`)).toEqual({
    kind: 'peer',
    peerId,
    address: { host: { kind: 'ip4', value: '192.0.2.1' }, rest: '/tcp/4001' },
  })
  expect(readOrigin(`/dns4/peer.example/tcp/443/tls/ws/p2p/${peerId}`)).toMatchObject({ kind: 'peer' })
})

it.each([
  ['/ip4/192.0.2.1/tcp/8080/http', 'http://192.0.2.1:8080'],
  ['/dns4/gateway.example/tcp/443/https', 'https://gateway.example'],
  ['http://192.0.2.1:8080', 'http://192.0.2.1:8080'],
  ['https://gateway.example/', 'https://gateway.example'],
  ['HTTPS://Gateway.example:444/ipfs/bafkqaaa?format=raw', 'https://gateway.example:444'],
  ['http://[2001:db8::1]/', 'http://[2001:db8::1]'],
])('reads %s as an HTTP server', (text, url) => {
  expect(readOrigin(text)).toEqual({ kind: 'http', url })
})

it.each([
  ['junk', 'not a multiaddr'],
  ['http://', 'not an address of an HTTP server'],
  ['https://user:word@gateway.example', 'not an address of an HTTP server'],
  ['ftp://gateway.example', 'not a multiaddr'],
  ['/ip4/192.0.2.1/tcp/4001', 'it does not end in /p2p/ID'],
  [`/ip4/192.0.2.1/udp/4001/quic-v1/p2p/${peerId}`, 'udp is not used here, only TCP and WebSocket'],
])('says of %s why it is of no use', (text, detail) => {
  expect(readOrigin(text)).toEqual({ kind: 'useless', outcome: 'not-understood', detail })
})
