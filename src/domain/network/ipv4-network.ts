import { z } from 'zod'

/** A network such as `10.0.0.0/8`, or one address. The host's bits are cleared, and the length is always written. */
export const ipv4Network = z.union([z.cidrv4(), z.ipv4()], 'write networks such as 10.0.0.0/8').transform((text) => {
  const [address = '', length = '32'] = text.split('/')
  const bits = Number(length)
  const number = address.split('.').reduce((sum, octet) => sum * 256 + Number(octet), 0)
  const first = number - (number % 2 ** (32 - bits))
  return `${[24, 16, 8, 0].map((shift) => Math.floor(first / 2 ** shift) % 256).join('.')}/${bits}`
})
