import { randomBytes, randomUUID } from 'node:crypto'
import { createResticRepository } from '../../src/restic/restic-repository.ts'
import { realEngine } from '../support/engine-real.ts'
import { createFakeEngine } from '../support/fake-engine.ts'
import { fakeRestic, fakeResticProgram } from '../support/fake-restic.ts'
import { realRepository } from '../support/real-restic.ts'
import { backupRepositoryContract } from './backup-repository.contract.ts'

const engine = realEngine()
const { uid, gid } = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 }

backupRepositoryContract('Restic on the real engine', (folder, key) => realRepository(engine, folder, key))

backupRepositoryContract('The fake of restic on the fake engine', (folder, key) => {
  const fake = createFakeEngine()
  fake.duringErrand = fakeRestic
  return createResticRepository({
    engine: fake,
    image: async () => ({ name: 'ai-lab/restic:1', tar: fakeResticProgram.tar }),
    repository: async () => folder,
    key: async () => key,
    user: async () => `${uid}:${gid}`,
    owner: randomUUID(),
    random: () => randomBytes(8).toString('hex'),
  })
})
