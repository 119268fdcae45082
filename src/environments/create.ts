import { type Catalog, type Template, tierAllows } from '../domain/environment/catalog.ts'
import type { Environment, Resources } from '../domain/environment/environment.ts'
import { launchOf, resourcesOf } from '../domain/environment/launch.ts'
import { environmentId } from '../domain/names.ts'
import type { Account, Caller } from '../domain/people/account.ts'
import { requireRight } from '../domain/people/can.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { notProven, type Proof } from '../domain/proof/proof.ts'
import { randomOctets, randomSecret } from '../lib/random.ts'
import { sha256 } from '../lib/sha256.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { EnvironmentStore, IdempotencyClaim } from '../ports/environment-store.ts'

export type CreationRequest = {
  template: string
  name?: string | undefined
  userId?: UserId | undefined
  resources?: Partial<Resources> | undefined
}

type Create = (
  caller: Caller,
  request: CreationRequest,
  options: { idempotencyKey: string | null },
) => Promise<Environment>

/**
 * Proves the data root, records a new environment that is desired to run, and lets the reconciler begin.
 *
 * With an idempotency key, the same request again gives the environment that was made the first time.
 *
 * @throws Problem unknown-template, user-not-found, forbidden, tier-too-low, resources-over-tier, quota-reached,
 * idempotency-key-reused, data-root-not-proven, engine-unavailable, no-room, storage-full
 */
export function createEnvironments(deps: {
  catalog: Catalog
  store: Pick<EnvironmentStore, 'claimed' | 'count' | 'get' | 'insert'>
  accounts: Pick<AccountStore, 'account'>
  prove: () => Promise<Proof>
  /** The caller with the rights of this moment. @throws Problem unauthenticated */
  asOfNow: (caller: Caller) => Promise<Caller>
  /** @throws Problem storage-full if the person is over the storage of their tier */
  requireStorage: (id: UserId) => Promise<void>
  begin: (id: string) => void
  clock: Pick<Clock, 'now'>
}): Create {
  const { catalog, store, accounts, prove, asOfNow, requireStorage, begin, clock } = deps

  async function ownerOf(caller: Caller, asked: UserId | undefined): Promise<Account> {
    const id = asked ?? caller.userId
    requireRight(caller, 'environment:create', { owner: id }, 'Only an administrator creates environments for others.')
    const owner = await accounts.account(id)
    if (!owner) throw noUser(id)
    return owner
  }

  async function madeBefore(claim: IdempotencyClaim | null): Promise<Environment | null> {
    const earlier = claim && (await store.claimed(claim.userId, claim.key, clock.now()))
    if (!earlier) return null
    if (earlier.requestHash !== claim.requestHash) {
      throw new Problem(
        'idempotency-key-reused',
        'This idempotency key was used for a different request. Take a new one.',
      )
    }
    const environment = await store.get(earlier.environmentId)
    if (environment) return environment
    throw new Problem(
      'wrong-state',
      'The environment that this idempotency key made was deleted since. Take a new key.',
    )
  }

  return async (caller, request, { idempotencyKey }) => {
    const requestHash = sha256(JSON.stringify([request.template, request.name, request.userId, request.resources]))
    const claim = idempotencyKey ? { userId: caller.userId, key: idempotencyKey, requestHash } : null
    const earlier = await madeBefore(claim)
    if (earlier) return earlier
    const template = templateOf(catalog, request.template)
    const owner = await ownerOf(caller, request.userId)
    const environment = draft(catalog, template, owner, request, clock.now())
    await requireStorage(owner.id)
    const atMost = catalog.tiers[owner.tier]?.max_environments ?? 0
    // Ask before the proof: else a person at their quota could make the service prove without end.
    if ((await store.count(owner.id)) >= atMost) {
      const same = await madeBefore(claim) // the same request may have made the last one at this moment
      if (same) return same
      throw quotaReached(owner, atMost)
    }
    const proof = await prove()
    if (proof.status !== 'proven') throw notProven(proof)
    await ownerOf(await asOfNow(caller), request.userId) // the proof took its time

    switch (await store.insert(environment, { claim, atMost, tier: owner.tier })) {
      case 'claimed': {
        const same = await madeBefore(claim)
        if (same) return same
        throw new Problem('wrong-state', 'The same request is being carried out at this moment. Ask again.')
      }
      case 'no-owner':
        throw noUser(owner.id)
      case 'owner-disabled':
        throw ownerDisabled(owner.id)
      case 'tier-changed':
        throw new Problem('wrong-state', `The tier of ${owner.id} was changed at this moment. Ask again.`)
      case 'taken':
        throw new Problem('wrong-state', 'Another environment got the same id at this moment. Ask again.')
      case 'full':
        throw quotaReached(owner, atMost)
      case 'inserted':
        begin(environment.id)
        return environment
    }
  }
}

function noUser(id: UserId): Problem {
  return new Problem('user-not-found', `There is no user ${id}. An administrator can add one.`)
}

/** The person may be on their way out: a removal takes the folder that a notebook would use. */
export function ownerDisabled(id: UserId): Problem {
  return new Problem('wrong-state', `The account ${id} is disabled. Enable it first.`)
}

function quotaReached({ tier }: Account, atMost: number): Problem {
  return new Problem('quota-reached', `The tier "${tier}" allows ${atMost} environments. Delete one first.`)
}

function templateOf(catalog: Catalog, name: string): Template {
  const template = Object.hasOwn(catalog.templates, name) ? catalog.templates[name] : undefined
  if (template) return template
  throw new Problem(
    'unknown-template',
    `There is no template "${name}". There are: ${Object.keys(catalog.templates).join(', ')}.`,
  )
}

function draft(
  catalog: Catalog,
  template: Template,
  owner: Account,
  request: CreationRequest,
  now: number,
): Environment {
  const tier = catalog.tiers[owner.tier]
  if (!tier || !tierAllows(catalog, owner.tier, template.minimum_tier)) {
    throw new Problem(
      'tier-too-low',
      `"${request.template}" needs the tier "${template.minimum_tier}", but ${owner.id} has "${owner.tier}".`,
    )
  }
  const id = environmentId(request.template, randomOctets(6))
  return {
    id,
    userId: owner.id,
    name: request.name ?? id,
    template: request.template,
    launch: launchOf(template, id),
    resources: resourcesOf(template, tier, request.resources ?? {}),
    token: randomSecret(),
    hostPort: null,
    desired: 'running',
    restartRequestedAt: null,
    replaceContainer: null,
    madeFrom: 'latest',
    safe: false,
    failure: null,
    lastActivityAt: null,
    idleAction: null,
    upstream: null,
    outOfMemoryAt: null,
    createdAt: now,
  }
}
