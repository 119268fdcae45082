import { type Argon2Parameters, argon2, randomBytes, timingSafeEqual } from 'node:crypto'
import { promisify } from 'node:util'

const derive = promisify(argon2)

/** The cost of a hash: memory, passes over it, and lanes. */
export type Cost = { memoryKiB: number; passes: number; lanes: number }

/** What OWASP's Password Storage Cheat Sheet asks of argon2id; about 35 ms of one core. */
export const presentCost: Cost = { memoryKiB: 19 * 1024, passes: 2, lanes: 1 }

const saltBytes = 16
const tagBytes = 32
const shape = /^\$argon2id\$v=19\$m=(\d+),t=(\d+),p=(\d+)\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/

/** Hashes a password with argon2id. Gives a PHC string, which records the cost and the salt. */
export async function hashPassword(password: string, cost: Cost = presentCost): Promise<string> {
  const salt = randomBytes(saltBytes)
  return phc(cost, salt, await tagOf(password, salt, cost, tagBytes))
}

/**
 * Whether a password belongs to a hash. `isOutdated`: the hash has another cost than `presentCost`. Without a hash it does
 * the same work and finds no match, so that nobody can tell by the time whether there is one.
 *
 * @throws Error if the hash is no PHC string of argon2id
 */
export async function verifyPassword(
  hash: string | null,
  password: string,
): Promise<{ matches: boolean; isOutdated: boolean }> {
  const { cost, salt, tag } = parse(hash ?? noHash)
  const matches = timingSafeEqual(await tagOf(password, salt, cost, tag.length), tag)
  return { matches: matches && hash !== null, isOutdated: phc(cost, salt, tag) !== phc(presentCost, salt, tag) }
}

const noHash = phc(presentCost, randomBytes(saltBytes), randomBytes(tagBytes))

function phc({ memoryKiB, passes, lanes }: Cost, salt: Buffer, tag: Buffer): string {
  return `$argon2id$v=19$m=${memoryKiB},t=${passes},p=${lanes}$${unpadded(salt)}$${unpadded(tag)}`
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '')
}

function parse(hash: string): { cost: Cost; salt: Buffer; tag: Buffer } {
  const [, memoryKiB, passes, lanes, salt, tag] = shape.exec(hash) ?? []
  if (salt === undefined || tag === undefined) throw new Error('A stored password hash cannot be read.')
  const cost = { memoryKiB: Number(memoryKiB), passes: Number(passes), lanes: Number(lanes) }
  return { cost, salt: Buffer.from(salt, 'base64'), tag: Buffer.from(tag, 'base64') }
}

/** Keyboards write the same letter in several ways; NFKC makes them one (NIST SP 800-63B, 5.1.1.2). */
function tagOf(password: string, nonce: Buffer, cost: Cost, tagLength: number): Promise<Buffer> {
  const { memoryKiB: memory, passes, lanes: parallelism } = cost
  const parameters: Argon2Parameters = {
    message: password.normalize('NFKC'),
    nonce,
    memory,
    passes,
    parallelism,
    tagLength,
  }
  return derive('argon2id', parameters)
}
