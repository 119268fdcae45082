import { expect, test } from 'vitest'
import { ipv4Network } from '../../../../src/domain/network/ipv4-network.ts'

test.each([
  ['10.0.0.0/8', '10.0.0.0/8'],
  ['192.168.7.9/16', '192.168.0.0/16'],
  ['255.255.255.255/1', '128.0.0.0/1'],
  ['1.2.3.4', '1.2.3.4/32'],
  ['0.0.0.0/0', '0.0.0.0/0'],
])('%s is the network %s', (text, network) => expect(ipv4Network.parse(text)).toBe(network))

test.each(['10.0.0.0/33', '10.0.0', 'fd00::/8', '10.0.0.0/8 -j ACCEPT', ''])('%s is no network', (text) => {
  expect(ipv4Network.safeParse(text).success).toBe(false)
})
