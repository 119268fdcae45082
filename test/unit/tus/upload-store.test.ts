import { execFileSync } from 'node:child_process'
import { mkdtemp, open, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Upload } from '@tus/utils'
import { expect, onTestFinished, test } from 'vitest'
import { writeWhole } from '../../../src/disk/write-whole.ts'
import { UploadNotes } from '../../../src/tus/upload-notes.ts'
import { UploadStore } from '../../../src/tus/upload-store.ts'

/** A begun upload. `whileRead` ends it while its note is read: a pipe holds up who reads the note of its end. */
async function begun() {
  const directory = await mkdtemp(join(tmpdir(), 'ai-lab-uploads-'))
  onTestFinished(() => rm(directory, { recursive: true }))
  const notes = new UploadNotes(directory, writeWhole)
  const store = new UploadStore({ notes, beginNote: () => () => {}, keptMs: 60_000 })
  const id = store.newId('alice')
  await store.create(new Upload({ id, size: 5, offset: 0, metadata: { owner: 'alice' } }))
  const pipe = join(directory, 'finished', `${id}.json`)
  async function whileRead<T>(read: (id: string) => Promise<T>): Promise<T> {
    execFileSync('mkfifo', [pipe])
    const reading = read(id)
    const held = await open(pipe, 'w')
    await store.finish(id)
    await held.close()
    return await reading
  }
  return { notes, store, whileRead }
}

// Trouble (files): a client asks how far its upload is in the instant in which the upload ends
test('a note that moves while it is read is found', async () => {
  const { notes, whileRead } = await begun()
  expect(await whileRead((id) => notes.get(id))).toMatchObject({ size: 5 })
})

// Trouble (files): the bytes of an upload become a file between the look at its note and the look at its bytes
test('an upload that ends while somebody looks for it is found as a finished one', async () => {
  const { store, whileRead } = await begun()
  const found = await whileRead((id) => store.getUpload(id))
  expect(found).toMatchObject({ size: 5, offset: 5, metadata: { owner: 'alice', finished: 'true' } })
})
