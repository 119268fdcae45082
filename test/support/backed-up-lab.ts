import { join } from 'node:path'
import { expect } from 'vitest'
import { type Client, openLab } from './lab.ts'

export const person = 'demo@ailab.com'

/** A lab with a person who has some files. */
export async function labWithFiles(options: Parameters<typeof openLab>[0] = {}) {
  const lab = await openLab(options)
  const admin = lab.as(lab.adminToken)
  const { client } = await lab.newUser(person)
  await client.put(`/api/users/${person}/files/notebooks/a.ipynb`, { cells: [1] }).expect(201)
  await client.put(`/api/users/${person}/files/notes.json`, { note: 'first' }).expect(201)
  return { lab, admin, client, folder: join(lab.dataDir, 'users', person) }
}

/** Waits for the end of the job that a request began. */
export async function ended(request: ReturnType<Client['post']>, status = 'done') {
  const { body } = await request.set('prefer', 'wait=20').expect(202)
  expect(body, JSON.stringify(body.failure)).toMatchObject({ status })
  return body
}

export async function backedUp(admin: Client): Promise<string> {
  const { result } = await ended(admin.post('/api/admin/backups'))
  return result.backup_id
}
