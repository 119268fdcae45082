import type { Container, Environment, Observation } from '../../src/domain/environment/environment.ts'
import { plan, type Seen, type Step } from '../../src/domain/environment/plan.ts'
import { statusOf } from '../../src/domain/environment/status.ts'
import { labels } from '../../src/domain/names.ts'
import { type Action, desiredBy, lastStartOf } from '../../src/environments/change.ts'
import { container } from './container.ts'

export type Record = Pick<
  Environment,
  'desired' | 'restartRequestedAt' | 'replaceContainer' | 'failure' | 'madeFrom' | 'safe'
>

/** What happens to a container, an engine and a data root without the service. */
export const mishaps = [
  ...(['ends', 'docker stop', 'docker rm', 'docker pause', 'docker unpause', 'docker start', 'gets stuck'] as const),
  ...([
    'is being removed',
    'is being restarted',
    'is renamed',
    'is renamed back',
    'a stranger takes the name',
  ] as const),
  ...(['docker rmi', 'the engine goes', 'the engine comes', 'the proof breaks', 'the proof holds'] as const),
  ...(['does not get ready', 'the service is killed'] as const),
]
export type Mishap = (typeof mishaps)[number]

export const actions = [
  ...(['start', 'stop', 'restart', 'pause', 'resume', 'delete'] as const),
  ...(['recreate', 'recreate from the latest image', 'start safely'] as const),
]

type Kept = Pick<Container, 'containerId' | 'state' | 'startedAt'> & {
  /** Why the container does not belong to the environment. */
  foreign: 'no' | 'renamed' | 'a stranger'
  /** Whether somebody asked the engine to stop it by hand. */
  byHand: boolean
  /** Whether it was made for a safe start. */
  safe: boolean
}

/** A step that the engine refuses at that moment. */
class Refused extends Error {}

/** One environment, its record and an engine as strict as the real one. It throws if a plan breaks a rule. */
export class PlanWorld {
  record: Record | null = {
    desired: 'running',
    restartRequestedAt: null,
    replaceContainer: null,
    madeFrom: 'latest',
    safe: false,
    failure: null,
  }
  container: Kept | null = null
  isProven = true
  #isReachable = true
  #hasImage = false
  #readyFor: number | null = null
  #now = 1
  /** The container that the steps of a pass are about. */
  #judged: string | null = null
  #mayTouch = true
  /** A container that was foreign when the record was forgotten: if that changes, it is an orphan. */
  #left: string | null = null
  /** As `Track.seenUp`. */
  #seenUp: string | null | undefined = undefined

  /** One pass: the service carries out so many steps before it is killed. Gives the planned steps. */
  pass(stepsAtMost = Number.POSITIVE_INFINITY, between: () => void = () => {}): Step[] {
    if (!this.record) return []
    const seen = this.#observe()
    const steps = plan(this.record, seen, this.isProven)
    this.#judged = this.container?.containerId ?? null
    this.#mayTouch = seen.observation.kind !== 'foreign' || this.#judged === this.record.replaceContainer
    try {
      for (const step of steps.slice(0, stepsAtMost)) {
        this.#carryOut(step.kind)
        between()
      }
    } catch (error) {
      if (!(error instanceof Refused)) throw error
    }
    return steps
  }

  act(action: (typeof actions)[number]): void {
    if (!this.record || this.record.desired === 'gone') return
    const seen = this.#observe()
    this.#seenUp = null // a new request overrides any earlier exit
    if (action === 'recreate' || action === 'recreate from the latest image') {
      const desired = this.record.desired === 'stopped' ? 'stopped' : 'running'
      this.#change({ replaceContainer: this.container?.containerId ?? null, desired, failure: null })
      if (action !== 'recreate') this.#change({ madeFrom: 'latest' })
    } else if (action === 'start safely') {
      this.#change({ ...this.#desiredBy('start', seen), safe: true })
    } else {
      this.#change({ ...this.#desiredBy(action, seen), ...(action === 'start' && { safe: false }) })
    }
  }

  happen(mishap: Mishap): void {
    const { container } = this
    const wasUp = container !== null && isUp(container)
    switch (mishap) {
      case 'ends':
        if (wasUp) this.#move({ state: 'exited', byHand: false })
        return
      case 'docker stop':
        if (wasUp) this.#move({ state: 'exited', byHand: true })
        return
      case 'docker rm':
        this.container = null
        return
      case 'docker pause':
        if (container?.state === 'running') this.#move({ state: 'paused' })
        return
      case 'docker unpause':
        if (container?.state === 'paused') this.#move({ state: 'running' })
        return
      case 'docker start':
        if (container?.state === 'exited' || container?.state === 'created') this.#start()
        return
      case 'gets stuck':
        if (container) this.#move({ state: 'dead' })
        return
      case 'is being removed':
        if (container) this.#move({ state: 'removing' })
        return
      case 'is being restarted':
        if (wasUp) this.#move({ state: 'restarting' })
        return
      case 'is renamed':
      case 'is renamed back':
        if (container && container.foreign !== 'a stranger')
          this.#move({ foreign: mishap === 'is renamed' ? 'renamed' : 'no' })
        return
      case 'a stranger takes the name':
        if (container) return
        this.container = { ...this.#made(), foreign: 'a stranger' }
        this.#start()
        return
      case 'docker rmi':
        this.#hasImage = false
        return
      case 'the engine goes':
      case 'the engine comes':
        this.#isReachable = mishap === 'the engine comes'
        return
      case 'the proof breaks':
      case 'the proof holds':
        this.isProven = mishap === 'the proof holds'
        return
      case 'does not get ready':
        if (this.record?.desired === 'running') this.#change({ failure: notReady })
        return
      case 'the service is killed':
        this.#readyFor = null
        this.#seenUp = undefined
    }
  }

  /** The engine answers, the data root is proven, and the engine's work is done. */
  calmDown(): void {
    this.#isReachable = true
    this.isProven = true
    if (this.container?.state === 'removing') this.container = null
    if (this.container?.state === 'restarting') this.#start()
  }

  /** The difference between the world and the record; null if there is none. */
  disagreement(): string | null {
    const { record, container } = this
    if (container && container.foreign !== 'no')
      return record?.desired === 'gone' ? 'a record that should be gone' : null
    if (!record) return container && container.containerId !== this.#left ? 'a container without a record' : null
    switch (record.desired) {
      case 'running':
        if (record.failure) return null
        if (container?.state !== 'running') return `it should run and is ${container?.state}`
        if (container.safe !== record.safe) return 'it runs in the other mode'
        return this.#readyFor === container.startedAt ? null : 'it runs and was not waited for'
      case 'paused':
        return container?.state === 'paused' ? null : `it should be paused and is ${container?.state}`
      case 'stopped':
        return container && isUp(container) ? `it should be stopped and is ${container.state}` : null
      case 'gone':
        return 'a record that should be gone'
    }
  }

  #observe(): Seen {
    const { container } = this
    if (!this.#isReachable) return { observation: { kind: 'unreachable', reason: '' }, ready: false }
    const ready = container?.startedAt != null && container.startedAt === this.#readyFor
    const isEnd = container?.state === 'exited' && container.foreign === 'no' && this.record?.desired === 'running'
    const isNew = this.#seenUp === undefined || this.#seenUp === container?.containerId
    const stoppedByHand = isEnd && isNew && !this.record?.failure && container.byHand
    this.#seenUp = isEnd ? null : (this.#seenUp ?? null)
    if (container && isUp(container)) this.#seenUp = container.containerId
    return { observation: observationOf(container), ready, stoppedByHand }
  }

  #carryOut(kind: Step['kind']): void {
    if (!this.#isReachable && kind !== 'hold') throw new Refused('the engine does not answer')
    switch (kind) {
      case 'hold':
        if (!this.isProven) throw new Refused('the data root is not proven')
        return
      case 'record-image':
        this.#change({ madeFrom: someImage })
        return
      case 'ensure-folder':
        if (!this.isProven) throw new Refused('the data root is not proven')
        return
      case 'fetch-image':
        this.#hasImage = true
        return
      case 'create':
        if (!this.isProven) throw new Refused('the data root is not proven')
        if (!this.#hasImage) throw new Refused('there is no such image')
        if (this.container && this.container.foreign !== 'no') throw new Refused('the name is taken')
        this.#change({ madeFrom: someImage })
        this.container ??= this.#made() // the engine has no two containers of one name
        this.#judged = this.container.containerId
        this.#mayTouch = true
        return
      case 'start':
        if (!this.isProven) throw new Refused('the data root is not proven')
        if (this.#own().state !== 'exited' && this.#own().state !== 'created') throw new Refused('it cannot be started')
        this.#start()
        this.#change({ restartRequestedAt: null })
        return
      case 'await-ready':
        if (this.#own().state !== 'running') throw new Refused('it ended before it was ready')
        this.#readyFor = this.#own().startedAt
        return
      case 'pause':
        if (this.#own().state !== 'running') throw new Refused('it does not run')
        this.#move({ state: 'paused' })
        return
      case 'unpause':
        if (this.#own().state !== 'paused') throw new Refused('it is not paused')
        this.#move({ state: 'running' })
        return
      case 'stop':
        if (this.#own().state === 'paused') throw new Refused('one that is paused does not end by itself')
        this.#seenUp = null
        this.#change({ restartRequestedAt: this.container?.startedAt ?? null })
        this.#move({ state: 'exited', byHand: true })
        return
      case 'remove':
        if (this.container?.containerId === this.#judged) this.#own()
        if (this.container?.containerId === this.#judged) this.container = null
        return
      case 'settle-as-stopped':
        this.#change({ desired: 'stopped', restartRequestedAt: this.container?.startedAt ?? null })
        return
      case 'forget':
        if (this.container && this.container.foreign === 'no')
          throw new Error('a container was left without its record')
        this.#left = this.container?.containerId ?? null
        this.record = null
    }
  }

  /** The container, after a check that the step may touch it. */
  #own(): Kept {
    if (!this.container || this.container.containerId !== this.#judged) throw new Refused('there is no such container')
    if (!this.#mayTouch) throw new Error("somebody else's container was touched")
    return this.container
  }

  #start(): void {
    this.#now += 1
    this.#move({ state: 'running', startedAt: this.#now, byHand: false })
  }

  #made(): Kept {
    this.#now += 1
    return {
      containerId: `c${this.#now}`,
      state: 'created',
      startedAt: null,
      foreign: 'no',
      byHand: false,
      safe: this.record?.safe ?? false,
    }
  }

  #move(to: Partial<Kept>): void {
    if (this.container) this.container = { ...this.container, ...to }
  }

  #change(to: Partial<Record>): void {
    if (this.record) this.record = { ...this.record, ...to }
  }

  #desiredBy(action: Action, seen: Seen): Partial<Record> {
    const record = this.record as Record
    const status = statusOf(record, seen, null)
    if (action === 'pause' && record.desired !== 'paused' && status !== 'running') return {}
    if (action === 'resume' && record.desired !== 'paused' && record.desired !== 'running') return {}
    return desiredBy(action, record, status, lastStartOf(seen))
  }
}

const someImage = { id: 'sha256:1', digest: null }
const notReady = { code: 'not-ready-in-time', detail: '', adminDetail: '', at: 0 } as const

function isUp({ state }: Kept): boolean {
  return state === 'running' || state === 'paused'
}

function observationOf(kept: Kept | null): Observation {
  if (!kept) return { kind: 'absent' }
  const { containerId, state, startedAt, safe } = kept
  const marks = { [labels.record]: '{}', ...(safe && { [labels.safe]: 'true' }) }
  const seen = container({ containerId, state, startedAt, labels: marks })
  return kept.foreign !== 'no' ? { kind: 'foreign', container: seen, detail: '', adminDetail: '' } : seen
}
