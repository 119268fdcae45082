import { describe, expect, test } from 'vitest'
import type { Container, Observation } from '../../../../src/domain/environment/environment.ts'
import type { Image } from '../../../../src/domain/environment/image.ts'
import { plan, sentences } from '../../../../src/domain/environment/plan.ts'
import { container as containerLike } from '../../../support/container.ts'

const failure = { code: 'not-ready-in-time', detail: 'It ended.', adminDetail: 'It ended.', at: 5 } as const

function container(state: Container['state'], startedAt: number | null = 100): Container {
  return containerLike({ containerId: 'before', state, startedAt })
}

const absent: Observation = { kind: 'absent' }
const unreachable: Observation = { kind: 'unreachable', reason: 'The engine does not answer.' }

const image: Image = { id: 'sha256:1', digest: null }
const kept = { ...container('running'), labels: { 'ai-lab.record': '{}' } }

function planned(
  desired: 'running' | 'paused' | 'stopped' | 'gone',
  observation: Observation,
  {
    ready = false,
    proven = true,
    restartRequestedAt = null as number | null,
    replaceContainer = null as string | null,
    stoppedByHand = false,
    failed = false,
    madeFrom = image as Image | 'latest' | null,
    safe = false,
  } = {},
): string {
  const wanted = { desired, restartRequestedAt, replaceContainer, failure: failed ? failure : null, madeFrom, safe }
  return plan(wanted, { observation, ready, stoppedByHand }, proven)
    .map(({ kind }) => sentences[kind])
    .join(', then ')
}

describe('an environment that should run:', () => {
  test.each([
    [
      'no container',
      absent,
      'make sure that the image is there, then create the container, then start the container, then wait until the environment answers',
    ],
    ['a created container', container('created'), 'start the container, then wait until the environment answers'],
    ['an exited container', container('exited'), 'start the container, then wait until the environment answers'],
    ['a paused container', container('paused'), 'resume the container'],
    ['a running container that has not answered yet', container('running'), 'wait until the environment answers'],
    [
      'a dead container',
      container('dead'),
      'remove the container, then make sure that the image is there, then create the container, then start the container, then wait until the environment answers',
    ],
    ['a container on its way out', container('removing'), ''],
    ['an engine that does not answer', unreachable, ''],
  ])('the plan is right for an environment that should run, with %s', (_, observation, expected) => {
    expect(planned('running', observation)).toBe(expected)
  })

  test('the plan leaves an environment alone once it has answered', () => {
    expect(planned('running', container('running'), { ready: true })).toBe('')
  })

  test.each([absent, container('created'), container('exited'), container('dead')])(
    'the plan starts nothing while the data root is not proven (%#)',
    (observation) => {
      expect(planned('running', observation, { proven: false })).toBe('wait until the data root is proven')
    },
  )

  test('the plan lets an environment run on while the data root is not proven', () => {
    expect(planned('running', container('running'), { ready: true, proven: false })).toBe('')
  })

  test('the plan stops and starts an environment when a restart was asked for after its start', () => {
    expect(planned('running', container('running', 100), { ready: true, restartRequestedAt: 100 })).toBe(
      'stop the container, then start the container, then wait until the environment answers',
    )
    expect(planned('running', container('paused', 100), { restartRequestedAt: 101 })).toBe(
      'resume the container, then stop the container, then start the container, then wait until the environment answers',
    )
  })

  test('the plan does not restart an environment twice for one request', () => {
    expect(planned('running', container('running', 102), { ready: true, restartRequestedAt: 101 })).toBe('')
  })

  test('the plan stops nothing for a restart that could not start it again', () => {
    expect(planned('running', container('running', 100), { ready: true, proven: false, restartRequestedAt: 101 })).toBe(
      'wait until the data root is proven',
    )
  })

  test('the plan leaves a failed environment as it is until somebody asks again', () => {
    expect(planned('running', container('exited'), { failed: true })).toBe('')
    expect(planned('running', absent, { failed: true })).toBe('')
    expect(planned('running', container('running'), { failed: true, ready: true })).toBe('')
  })
})

// Trouble (input): an environment never answers
test('the plan stops an environment that never answered, so that it does not use up the machine', () => {
  expect(planned('running', container('running'), { failed: true })).toBe('stop the container')
})

describe('an environment that should be paused:', () => {
  test.each([
    ['a running container', container('running'), 'pause the container'],
    ['a paused container', container('paused'), ''],
    ['an exited container', container('exited'), 'record the environment as stopped'],
    ['no container', absent, 'record the environment as stopped'],
    ['an engine that does not answer', unreachable, ''],
  ])('the plan is right for an environment that should be paused, with %s', (_, observation, expected) => {
    expect(planned('paused', observation)).toBe(expected)
  })
})

describe('an environment that should be stopped:', () => {
  test.each([
    ['a running container', container('running'), 'stop the container'],
    ['a paused container', container('paused'), 'resume the container, then stop the container'],
    ['an exited container', container('exited'), ''],
    ['no container', absent, ''],
  ])('the plan is right for an environment that should be stopped, with %s', (_, observation, expected) => {
    expect(planned('stopped', observation)).toBe(expected)
  })
})

describe('an environment that should be gone:', () => {
  test.each([
    ['a running container', container('running'), 'remove the container, then forget the record'],
    ['no container', absent, 'forget the record'],
    ['an engine that does not answer', unreachable, ''],
  ])('to delete an environment with %s, the plan needs no proof', (_, observation, expected) => {
    expect(planned('gone', observation, { proven: false })).toBe(expected)
  })
})

// Trouble (input): a data root is copied, and a service runs on the copy
test('the plan never touches a foreign container: only the record can go', () => {
  const foreign: Observation = { kind: 'foreign', container: container('running'), detail: '', adminDetail: '' }
  for (const desired of ['running', 'paused', 'stopped'] as const) expect(planned(desired, foreign)).toBe('')
  expect(planned('gone', foreign)).toBe('forget the record')
  expect(planned('gone', foreign, { proven: false })).toBe('')
})

test("the plan respects a stop by hand, but the service's own stop during a restart does not count", () => {
  expect(planned('running', container('exited'), { stoppedByHand: true })).toBe('record the environment as stopped')
  expect(planned('running', container('exited'), { stoppedByHand: true, proven: false })).toBe(
    'record the environment as stopped',
  )
  expect(planned('running', container('exited', 100), { stoppedByHand: true, restartRequestedAt: 100 })).toBe(
    'start the container, then wait until the environment answers',
  )
})

describe('a container that is to be replaced:', () => {
  const replaceContainer = 'before'
  const ensured = "make sure that the image is there, then make sure that the person's folder is there, then "
  const anew =
    'remove the container, then create the container, then start the container, then wait until the environment answers'

  test('the plan stops, removes and makes the container again', () => {
    expect(planned('running', container('running'), { replaceContainer })).toBe(
      `${ensured}stop the container, then ${anew}`,
    )
    expect(planned('running', container('exited'), { replaceContainer })).toBe(`${ensured}${anew}`)
    expect(planned('running', container('paused'), { replaceContainer })).toBe(
      `${ensured}resume the container, then stop the container, then ${anew}`,
    )
  })

  test('the plan leaves the container of an environment that failed, until somebody asks again', () => {
    expect(planned('running', container('running'), { replaceContainer, failed: true, ready: true })).toBe('')
    expect(planned('running', kept, { madeFrom: 'latest', failed: true, ready: true })).toBe('')
    expect(planned('stopped', container('exited'), { replaceContainer, failed: true })).toBe('remove the container')
  })

  test('the plan replaces a container even if it is on the wrong folders', () => {
    const drifted: Observation = { kind: 'foreign', container: container('exited'), detail: '', adminDetail: '' }
    expect(planned('running', drifted, { replaceContainer })).toBe(`${ensured}${anew}`)
    expect(planned('gone', drifted, { replaceContainer })).toBe('remove the container')
  })

  test('the plan only removes the container of a stopped environment', () => {
    expect(planned('stopped', container('exited'), { replaceContainer })).toBe('remove the container')
  })

  // Trouble (known): somebody calls off a recreate by a stop, and the container is gone without an image for another one
  test('the plan keeps the container of a stopped environment that is to have the latest image, until it is started', () => {
    for (const proven of [true, false]) {
      const wishes = { replaceContainer, madeFrom: 'latest', proven } as const
      expect(planned('stopped', kept, wishes)).toBe('stop the container')
      expect(planned('stopped', { ...kept, state: 'exited' }, wishes)).toBe('')
    }
    const drifted: Observation = { kind: 'foreign', container: container('exited'), detail: '', adminDetail: '' }
    expect(planned('stopped', drifted, { replaceContainer, madeFrom: 'latest' })).toBe('remove the container')
  })

  // Trouble (idleness): MAX_RUNTIME stops an environment while its safe start waits, and the container that was to stay is gone
  test('the plan keeps the container of a stopped environment that is to start in another mode, until it is started', () => {
    const wishes = { replaceContainer, safe: true }
    expect(planned('stopped', kept, wishes)).toBe('stop the container')
    expect(planned('stopped', { ...kept, state: 'exited' }, wishes)).toBe('')
  })

  // Trouble (idleness): an environment is paused while the new container that somebody asked for waits
  test('the plan keeps the container of an environment that should be paused, until it is resumed', () => {
    expect(planned('paused', container('running'), { replaceContainer })).toBe('pause the container')
    expect(planned('paused', container('paused'), { replaceContainer, proven: false })).toBe('')
    expect(planned('paused', kept, { madeFrom: 'latest' })).toBe('pause the container')
  })

  test('the plan replaces no running container while the data root is not proven', () => {
    expect(planned('running', container('running'), { replaceContainer, proven: false })).toBe(
      'wait until the data root is proven',
    )
  })

  test('the plan stops the container without a proof, but removes it only with one', () => {
    expect(planned('stopped', container('running'), { replaceContainer, proven: false })).toBe('stop the container')
    expect(planned('stopped', container('exited'), { replaceContainer, proven: false })).toBe(
      'wait until the data root is proven',
    )
  })

  test('the plan does not replace another container that took the name', () => {
    expect(
      planned('running', { ...container('running'), containerId: 'after' }, { replaceContainer, ready: true }),
    ).toBe('')
    expect(planned('running', absent, { replaceContainer })).not.toContain('remove')
  })
})

describe('a safe start:', () => {
  const ordinary = { ...container('running'), labels: { 'ai-lab.record': '{}' } }
  const safely = { ...ordinary, labels: { ...ordinary.labels, 'ai-lab.safe': 'true' } }

  test('the plan replaces a container that was made for a start of the other kind', () => {
    const anew =
      "make sure that the image is there, then make sure that the person's folder is there, then stop the container, then remove the container, then create the container, then start the container, then wait until the environment answers"
    expect(planned('running', ordinary, { ready: true, safe: true })).toBe(anew)
    expect(planned('running', safely, { ready: true, safe: false })).toBe(anew)
  })

  test('the plan leaves a container that was made for a start of the same kind', () => {
    expect(planned('running', safely, { ready: true, safe: true })).toBe('')
    expect(planned('running', ordinary, { ready: true, safe: false })).toBe('')
  })

  test('the plan leaves the container of an earlier platform, which was made for neither, until somebody asks', () => {
    expect(planned('running', container('running'), { ready: true, safe: true })).toBe('')
  })
})

describe('the image of a container:', () => {
  test.each(['running', 'paused', 'stopped'] as const)(
    'the plan first records the image if an old record lacks it (%s)',
    (desired) => {
      expect(planned(desired, kept, { madeFrom: null })).toMatch(/^record the image that the container was made from/)
      expect(planned(desired, kept)).not.toContain('record the image')
      expect(planned(desired, absent, { madeFrom: null })).not.toContain('record the image')
      expect(planned(desired, unreachable, { madeFrom: null })).toBe('')
    },
  )

  test('the plan records the image before it replaces the container', () => {
    expect(planned('running', kept, { madeFrom: null, replaceContainer: 'before' })).toBe(
      'record the image that the container was made from, then make sure that the image is there, ' +
        "then make sure that the person's folder is there, then stop the container, then remove the container, then " +
        'create the container, then start the container, then wait until the environment answers',
    )
  })

  test('the plan does not record the image of a container without a record in its labels', () => {
    expect(planned('running', container('running'), { madeFrom: null, ready: true })).toBe('')
    expect(planned('running', container('running'), { madeFrom: 'latest', ready: true })).toBe('')
  })

  // Trouble (known): a container of the old image is kept although somebody asked for the latest while it was made
  test('the plan replaces a container of an older image if somebody asked for the latest while it was made', () => {
    expect(planned('running', kept, { madeFrom: 'latest' })).toMatch(
      /^make sure that the image is there, then make sure that the person's folder is there, then stop the container, /,
    )
    expect(planned('running', kept, { madeFrom: 'latest', proven: false })).toBe('wait until the data root is proven')
  })
})
