import { expect, test } from 'vitest'
import { catalogSchema } from '../../../src/domain/environment/catalog.ts'
import type { Environment } from '../../../src/domain/environment/environment.ts'
import { proofOf } from '../../../src/domain/proof/proof.ts'
import { createEnvironments } from '../../../src/environments/create.ts'
import type { IdempotencyClaim } from '../../../src/ports/environment-store.ts'
import { callerNamed } from '../../support/caller.ts'

const catalog = catalogSchema.parse({
  tiers: { default: { memory: '1GiB', cpu_cores: 1, gpus: 0, max_environments: 1 } },
  templates: {
    t: {
      ...{ description: '', type: 'jupyter', image: 'i', port: 1, open_path: '/', ready_path: '/' },
      ...{ memory: '1GiB', cpu_cores: 1 },
    },
  },
})

const uses: Omit<Parameters<typeof createEnvironments>[0], 'catalog' | 'store'> = {
  accounts: { account: async (id) => ({ id, role: 'user', tier: 'default', disabled: false, createdAt: 1 }) },
  prove: async () => proofOf([], 0),
  asOfNow: async (asker) => asker,
  requireStorage: async () => {},
  begin: () => {},
  clock: { now: () => 7 },
}

test('a creation during which its person is removed says that there is no such user', async () => {
  const create = createEnvironments({
    catalog,
    store: { get: async () => null, claimed: async () => null, count: async () => 0, insert: async () => 'no-owner' },
    ...uses,
  })
  const asked = create(callerNamed('a@lab'), { template: 't' }, { idempotencyKey: null })
  await expect(asked).rejects.toMatchObject({ code: 'user-not-found' })
})

// Trouble (input): two creations with one idempotency key
test('the same request twice, for the last place of a person, gives the same environment twice', async () => {
  const caller = callerNamed('a@lab')
  const made: { environment: Environment; claim: IdempotencyClaim | null }[] = []
  let meanwhile: () => Promise<unknown> = async () => {}
  const create = createEnvironments({
    catalog,
    store: {
      get: async () => made[0]?.environment ?? null,
      async claimed() {
        const [first] = made
        return first?.claim ? { requestHash: first.claim.requestHash, environmentId: first.environment.id } : null
      },
      async count() {
        await meanwhile()
        return made.length
      },
      async insert(environment, { claim }) {
        made.push({ environment, claim })
        return 'inserted'
      },
    },
    ...uses,
  })
  const ask = () => create(caller, { template: 't' }, { idempotencyKey: 'k' })
  meanwhile = () => {
    meanwhile = async () => {}
    return ask()
  }
  expect(await ask()).toEqual(made[0]?.environment)
  expect(made).toHaveLength(1)
  await expect(create(caller, { template: 't' }, { idempotencyKey: null })).rejects.toMatchObject({
    code: 'quota-reached',
  })
})
