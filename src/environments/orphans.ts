import type { Catalog } from '../domain/environment/catalog.ts'
import type { Environment } from '../domain/environment/environment.ts'
import { launchOf, resourcesOf } from '../domain/environment/launch.ts'
import { type KeptRecord, type Orphan, orphanOf, recordIn } from '../domain/environment/orphan.ts'
import { ownContainers, straysOf } from '../domain/environment/own-containers.ts'
import type { UserId } from '../domain/people/user-id.ts'
import { Problem } from '../domain/problem.ts'
import { mapLimited } from '../lib/map-limited.ts'
import { Pace } from '../lib/pace.ts'
import { randomSecret } from '../lib/random.ts'
import { Sharing } from '../lib/sharing.ts'
import type { AccountStore } from '../ports/account-store.ts'
import type { Clock } from '../ports/clock.ts'
import type { Engine } from '../ports/engine.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'
import { ownerDisabled } from './create.ts'

export type Orphans = {
  /**
   * Containers without a record: of environments, or of an earlier platform if their owners are known. Callers at one time
   * share one look.
   */
  list(): Promise<Orphan[]>
  /**
   * Gives a container a record, and leaves the container itself as it is. Its owner and template are those of its
   * labels; if the labels lack one, the caller has to give it. `requireStill` throws if the caller has lost the right meanwhile:
   * the looks at the engine take their time.
   *
   * @throws Problem not-found, wrong-state, invalid-request, user-not-found, unknown-template
   */
  adopt(
    name: string,
    given: { userId?: UserId | undefined; template?: string | undefined },
    requireStill?: () => Promise<void>,
  ): Promise<Environment>
}

// A migrated lab may have hundreds of containers of its earlier platform.
const inspectionsAtOnce = 8

export function createOrphans(deps: {
  engine: Engine
  store: EnvironmentStore
  accounts: AccountStore
  catalog: Catalog
  rootId: string
  wake: (id: string) => void
  clock: Clock
}): Orphans {
  const { engine, store, accounts, catalog, rootId, wake, clock } = deps
  // A person who asks without end would take the engine's time from those who start an environment.
  const pace = new Pace(clock)
  const listing = new Sharing<Orphan[]>()

  async function look(): Promise<Orphan[]> {
    const [containers, owners] = await Promise.all([engine.list(), store.legacyOwners()])
    const unlabelled = await mapLimited([...owners.keys()], inspectionsAtOnce, (name) => engine.inspect(name))
    const all = [...containers, ...unlabelled.filter((container) => container !== null)]
    const records = new Set((await Array.fromAsync(store.outlines())).flat().map(({ id }) => id))
    const once = [...new Map(all.map((container) => [container.containerId, container])).values()]
    const own = ownContainers(once)
    const strays = straysOf(once, own, records)
    // A container that was removed together with its record, after the first list, is no orphan.
    const present = new Set(strays.length > 0 ? (await engine.list()).map(({ containerId }) => containerId) : [])
    return strays
      .filter(({ containerId, name }) => present.has(containerId) || owners.has(name))
      .map((container) => orphanOf(container, own.get(container.environmentId), rootId, owners))
  }

  async function ownerOf(orphan: Orphan, given: UserId | undefined): Promise<UserId> {
    const owner = orphan.userId ?? given
    if (!owner) throw missing('user_id', 'Its labels do not name its owner: give the owner as user_id.')
    if (given && given !== owner) throw new Problem('wrong-state', `It is ${owner}'s, not ${given}'s.`)
    if (await accounts.account(owner)) return owner
    throw noUser(owner)
  }

  function fromTemplate({ container, template: known }: Orphan, given: string | undefined): KeptRecord {
    const name = given ?? known
    if (!name) throw missing('template', 'Its labels do not name a template: give the one for its next container.')
    const template = Object.hasOwn(catalog.templates, name) ? catalog.templates[name] : undefined
    const largest = Object.values(catalog.tiers).at(-1)
    if (!template || !largest) throw new Problem('unknown-template', `There is no template "${name}".`)
    return {
      name: container.name,
      template: name,
      launch: launchOf(template, container.name),
      madeFrom: 'latest', // its container was made from another platform's image
      safe: false,
      resources: resourcesOf(template, largest, {}),
      hostPort: null,
      createdAt: clock.now(),
    }
  }

  return {
    list: () => listing.run('', () => pace.run('', look)),

    async adopt(name, given, requireStill) {
      const orphan = (await look()).find(({ container }) => container.name === name)
      if (!orphan) throw new Problem('not-found', `There is no container ${name} without a record.`)
      if (orphan.hindrance) throw new Problem('wrong-state', orphan.hindrance)
      const owner = await ownerOf(orphan, given.userId)
      // If the container has no secret, any will do: its next container gets a new one.
      const token = (await engine.variable(name, 'JUPYTER_TOKEN')) || randomSecret()
      const record = recordIn(orphan.container) ?? fromTemplate(orphan, given.template)
      const environment: Environment = {
        ...record,
        id: name,
        userId: owner,
        token,
        desired: desiredOf(orphan.container.state),
        restartRequestedAt: null,
        replaceContainer: null,
        failure: null,
        lastActivityAt: null,
        idleAction: null,
        upstream: null,
        outOfMemoryAt: null,
      }
      await requireStill?.()
      // No quota applies: the container is there already, and refusing it would not make it go away.
      const outcome = await store.insert(environment, { claim: null, atMost: Number.MAX_SAFE_INTEGER })
      if (outcome === 'no-owner') throw noUser(owner)
      if (outcome === 'owner-disabled') throw ownerDisabled(owner)
      if (outcome === 'taken') throw new Problem('wrong-state', `${name} was given a record at this moment.`)
      wake(name)
      return environment
    },
  }
}

function noUser(id: UserId): Problem {
  return new Problem('user-not-found', `There is no user ${id}. Add one first: POST /api/users {"id":"${id}"}`)
}

function missing(pointer: string, detail: string): Problem {
  return new Problem('invalid-request', detail, { errors: [{ pointer: `/${pointer}`, detail }] })
}

/** The state in which it is found: adopting neither starts nor stops anything. */
function desiredOf(state: Orphan['container']['state']): Environment['desired'] {
  if (state === 'paused') return 'paused'
  return state === 'running' || state === 'restarting' ? 'running' : 'stopped'
}
