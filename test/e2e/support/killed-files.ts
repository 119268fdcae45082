// What one person does with files through a service that is killed, and what must be so after each kill.
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Chance } from './chance.ts'
import type { Answer, RunningService } from './service.ts'

export const packed = Array.from({ length: 12 }, (_, number) => `f${number}`)
export const workFolder = '.ai-lab-work'
const pieceBytes = 2 ** 16
const unfinished = ['queued', 'running']
// The service may refuse what another act has changed meanwhile. Anything else is a fault.
const refusals = [404, 409, 429]

/** A letter a thousand times, the number of pieces, and then those pieces. */
export function contentOf(letter: string, pieces: number): Buffer {
  return Buffer.concat([Buffer.from(`${letter.repeat(1_000)}${pieces}\n`), Buffer.alloc(pieces * pieceBytes, letter)])
}

/** What is wrong with a file, or with the files of a folder; null if it is whole. */
export async function whatIsWrong(path: string): Promise<string | null> {
  if ((await stat(path)).isDirectory()) {
    const names = (await readdir(path)).sort()
    if (names.join() !== [...packed].sort().join()) return `${path} has ${names.join()}`
    const wrong = await Promise.all(names.map((name) => whatIsWrong(join(path, name))))
    return wrong.find((each) => each !== null) ?? null
  }
  const bytes = await readFile(path)
  const [, letter = '', pieces = ''] = /^([a-z])\1{999}(\d+)\n/.exec(bytes.toString('latin1', 0, 1_020)) ?? []
  return letter !== '' && bytes.equals(contentOf(letter, Number(pieces))) ? null : `${path} is not whole`
}

type Upload = { url: string; name: string; content: Buffer }

/** Acts of one person, one after the other, by chance. */
export class Person {
  readonly #id: string
  readonly #service: RunningService
  readonly #chance: Chance
  readonly #docs = new Map<string, { acknowledged: Buffer | null; underWay: Buffer | null }>()
  #upload: Upload | null = null
  #count = 0

  constructor(id: string, service: RunningService, chance: Chance) {
    this.#id = id
    this.#service = service
    this.#chance = chance
  }

  get home(): string {
    return join(this.#service.dataDir, 'users', this.#id)
  }

  async act(): Promise<void> {
    const mine = (await readdir(this.home)).filter((name) => name !== workFolder)
    const free = mine.filter((name) => name !== 'pack' && !name.startsWith('doc-'))
    const trashed = await this.trash()
    const acts = [
      () => this.#write(),
      () => this.#uploadMore(),
      () => this.#change('pack', { op: 'copy', to: this.#newName('copy') }),
      ...(free.length > 0
        ? [
            () => this.#change(this.#chance.pick(free), { op: 'move', to: this.#newName('moved') }),
            () => this.#ask('DELETE', `/api/users/${this.#id}/files/${this.#chance.pick(free)}`),
          ]
        : []),
      ...(trashed.length > 0
        ? [
            () => this.#restore(this.#chance.pick(trashed)),
            () => this.#ask('DELETE', `/api/trash/${this.#chance.pick(trashed)}`),
          ]
        : []),
    ]
    // More is deleted where there is much.
    const act = free.length > 8 ? acts[4] : trashed.length > 8 ? acts.at(-1) : this.#chance.pick(acts)
    await act?.()
  }

  /** The ids in the trash, by the records. */
  async trash(): Promise<string[]> {
    const { body } = await this.#ask('GET', `/api/trash?user_id=${this.#id}&limit=200`)
    return body.items.map(({ id }: { id: string }) => id)
  }

  /** What is not as it should be after a kill and a start; null if all is well. */
  async trouble(): Promise<string | null> {
    for (const name of await readdir(this.home)) {
      const wrong = name === workFolder ? null : await whatIsWrong(join(this.home, name))
      if (wrong !== null) return wrong
    }
    for (const [name, { acknowledged, underWay }] of this.#docs) {
      const content = await readFile(join(this.home, name)).catch(() => null)
      const may = [acknowledged, underWay].some((each) => each === content || (content && each?.equals(content)))
      if (!may) return `${name} has lost what the service had acknowledged`
      this.#docs.set(name, { acknowledged: content, underWay: null })
    }
    return null
  }

  #newName(what: string): string {
    this.#count += 1
    return `${what}-${this.#count}`
  }

  #content(): Buffer {
    return contentOf(String.fromCharCode(97 + this.#chance.int(26)), 1 + this.#chance.int(20))
  }

  async #write(): Promise<void> {
    const name = `doc-${this.#chance.int(4)}`
    const content = this.#content()
    const acknowledged = this.#docs.get(name)?.acknowledged ?? null
    this.#docs.set(name, { acknowledged, underWay: content })
    await this.#ask('PUT', `/api/users/${this.#id}/files/${name}`, {}, content)
    this.#docs.set(name, { acknowledged: content, underWay: null })
  }

  /** Begins a resumable upload, or sends the next part of the one that is begun. */
  async #uploadMore(): Promise<void> {
    if (!this.#upload) {
      const [name, content] = [this.#newName('upload'), this.#content()]
      const to = Buffer.from(`/api/users/${this.#id}/files/${name}`).toString('base64')
      const begun = { 'upload-length': `${content.length}`, 'upload-metadata': `to ${to}` }
      const { headers } = await this.#ask('POST', '/api/uploads', begun)
      this.#upload = { name, content, url: new URL(headers.get('location') ?? '', this.#service.url).pathname }
      return
    }
    const { url, content } = this.#upload
    const { headers, status } = await this.#ask('HEAD', url)
    if (status !== 200) throw new Error(`an upload that was begun is gone: ${status}`)
    const offset = Number(headers.get('upload-offset'))
    const rest = content.subarray(offset)
    const part = this.#chance.int(2) === 0 ? rest : rest.subarray(0, Math.ceil(rest.length / 2))
    const sent = { 'upload-offset': `${offset}`, 'content-type': 'application/offset+octet-stream' }
    if (rest.length > 0) await this.#ask('PATCH', url, sent, part)
    if (part.length === rest.length) this.#upload = null
  }

  async #change(name: string, change: object): Promise<void> {
    const body = Buffer.from(JSON.stringify(change))
    await this.#ask('POST', `/api/users/${this.#id}/files/${name}`, { 'content-type': 'application/json' }, body)
  }

  async #restore(id: string): Promise<void> {
    const body = Buffer.from(JSON.stringify({ to: this.#newName('back') }))
    await this.#ask('POST', `/api/trash/${id}/restore`, { 'content-type': 'application/json' }, body)
  }

  /** @throws Error for an answer that no change of another can explain */
  async #ask(method: string, path: string, headers: Record<string, string> = {}, body?: Buffer): Promise<Answer> {
    const response = await fetch(`${this.#service.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${this.#service.adminToken}`, 'tus-resumable': '1.0.0', ...headers },
      ...(body && { body: new Uint8Array(body) }),
    })
    const text = await response.text()
    if (!response.ok && !refusals.includes(response.status))
      throw new Error(`${method} ${path}: ${response.status} ${text}`)
    const isJson = response.headers.get('content-type')?.includes('json')
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text }
  }
}

/** What is unfinished in the work folders and in the trash. */
export async function leftOvers(dataDir: string, people: readonly string[]): Promise<string[]> {
  const lists = people.map((name) => readdir(join(dataDir, 'users', name, workFolder)).catch(() => []))
  const trashed = (await readdir(join(dataDir, 'admin/trash')).catch(() => [])).filter((name) =>
    name.startsWith('.half-'),
  )
  return [...(await Promise.all(lists)).flat(), ...trashed]
}

/** The jobs under way, and the ends of those that went wrong. */
export async function jobsOf(service: RunningService): Promise<{ underWay: number; wrong: string[] }> {
  const { body } = await service.call('GET', '/api/jobs?limit=200')
  const jobs: { status: string; title: string; failure: object | null }[] = body.items
  const wrong = jobs.filter(({ status }) => status !== 'done' && !unfinished.includes(status))
  return {
    underWay: jobs.filter(({ status }) => unfinished.includes(status)).length,
    wrong: wrong.map((job) => JSON.stringify(job)),
  }
}
