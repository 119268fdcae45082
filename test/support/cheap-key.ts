import { createCipheriv, createHash, randomBytes, scryptSync } from 'node:crypto'
import { chmod, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

const mask = 0x0ffffffc0ffffffc0ffffffc0fffffffn
const prime = 2n ** 130n - 5n

/**
 * Makes the password of a restic repository cheap to check, for tests that run restic hundreds of times: each run spends most of its time
 * there. The key of the repository itself stays (restic's design.rst, "Keys, Encryption and MAC").
 */
export async function makeKeyCheap(repository: string, password: string): Promise<void> {
  const keys = join(repository, 'keys')
  const [name = ''] = await readdir(keys)
  const key = JSON.parse(await readFile(join(keys, name), 'utf8'))
  const sealed = Buffer.from(key.data, 'base64')
  const plain = crypt(derived(password, key), sealed.subarray(0, 16), sealed.subarray(16, -16))
  const cheap = { ...key, N: 2, r: 1, p: 1 }
  const nonce = randomBytes(16)
  const own = derived(password, cheap)
  const secret = crypt(own, nonce, plain)
  const text = JSON.stringify({
    ...cheap,
    data: Buffer.concat([nonce, secret, mac(own, nonce, secret)]).toString('base64'),
  })
  const file = join(keys, createHash('sha256').update(text).digest('hex'))
  await writeFile(file, text)
  await chmod(file, 0o400)
  await rm(join(keys, name), { force: true })
}

function derived(password: string, { N, r, p, salt }: { N: number; r: number; p: number; salt: string }): Buffer {
  return scryptSync(password, Buffer.from(salt, 'base64'), 64, { N, r, p, maxmem: 2 ** 30 })
}

/** AES-256 in counter mode: the same call opens and seals. */
function crypt(key: Buffer, nonce: Buffer, data: Buffer): Buffer {
  return createCipheriv('aes-256-ctr', key.subarray(0, 32), nonce).update(data)
}

/** Poly1305-AES. */
function mac(key: Buffer, nonce: Buffer, data: Buffer): Buffer {
  const cipher = createCipheriv('aes-128-ecb', key.subarray(32, 48), null).setAutoPadding(false)
  const pad = little(cipher.update(nonce))
  const r = little(key.subarray(48, 64)) & mask
  let sum = 0n
  for (let at = 0; at < data.length; at += 16) {
    const block = data.subarray(at, at + 16)
    sum = ((sum + little(block) + 2n ** BigInt(8 * block.length)) * r) % prime
  }
  const tag = (sum + pad) % 2n ** 128n
  return Buffer.from(tag.toString(16).padStart(32, '0'), 'hex').reverse()
}

function little(bytes: Buffer): bigint {
  return BigInt(`0x${Buffer.from(bytes).reverse().toString('hex')}`)
}
