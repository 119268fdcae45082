import { expect, test } from 'vitest'
import {
  examinationOf,
  mountProofOf,
  newsOf,
  standingOf,
  unseenAgain,
} from '../../../../src/domain/proof/examination.ts'
import { type Finding, type FindingCode, proofOf, type Severity } from '../../../../src/domain/proof/proof.ts'

const proven = proofOf([], 1)

function finding(code: FindingCode, severity: Severity = 'error', environmentId: string | null = 'one'): Finding {
  return { code, severity, environmentId, backendPath: '', hostPath: '', detail: code, remedy: '' }
}

function proof(of: Partial<Parameters<typeof mountProofOf>[0]> = {}) {
  const nothing = { recorded: [], inside: [], wanted: [], mounted: [] }
  return mountProofOf({ environmentId: 'one', containerId: 'c1', root: proven, checkedAt: 1, ...nothing, ...of })
}

test('an environment is proven only when every part is', () => {
  expect(proof().status).toBe('proven')
  expect(proof({ inside: [finding('stale-mount')] }).status).toBe('unproven')
  expect(proof({ recorded: [finding('mount-drift')] }).status).toBe('unproven')
  expect(proof({ root: proofOf([finding('engine-sees-no-marker', 'error', null)], 1) }).status).toBe('unproven')
})

test('an environment without a look is unverifiable, and one that does not run is unknown', () => {
  expect(proof({ inside: [finding('inside-unverifiable', 'note')] }).status).toBe('unverifiable')
  expect(proof({ inside: null }).status).toBe('unknown')
  expect(proof({ inside: null, recorded: [finding('mount-drift')] }).status).toBe('unproven')
})

test('each part has its own findings', () => {
  const { parts } = proof({ recorded: [finding('mount-mode', 'warning')], inside: [finding('stale-mount')] })
  expect(parts.map(({ part, status, findings }) => `${part} ${status} ${findings.length}`)).toEqual([
    'identity proven 0',
    'declared proven 0',
    'engine proven 0',
    'inside unproven 1',
    'recorded proven 1',
  ])
})

test('an examination is unproven with its root, degraded with an environment, and not changed by notes', () => {
  const whole = (root: Finding[], own: Finding[]) =>
    examinationOf({
      root: proofOf(root, 1),
      environments: [proof({ inside: own })],
      orphans: [finding('orphan-container', 'note', null)],
      checkedAt: 1,
      tookMs: 1,
    })
  expect(whole([], []).status).toBe('proven')
  expect(whole([], [finding('inside-unverifiable', 'note')]).status).toBe('proven')
  expect(whole([], [finding('inside-unverifiable', 'warning')]).status).toBe('degraded')
  expect(whole([finding('data-root-missing')], []).status).toBe('unproven')
  expect(
    whole([], [finding('inside-unverifiable', 'warning'), finding('stale-mount')]).findings.map(({ code }) => code),
  ).toEqual(['stale-mount', 'inside-unverifiable', 'orphan-container'])
})

test('what is known is the newest examination, unless the data root has turned since', () => {
  const gone = finding('data-root-missing', 'error', null)
  const stale = finding('stale-mount')
  const examined = (root: Finding[]) =>
    examinationOf({
      root: proofOf(root, 1),
      environments: [proof({ inside: [stale] })],
      orphans: [],
      checkedAt: 2,
      tookMs: 1,
    })
  expect(standingOf(null, null)).toEqual({ status: 'unknown', findings: [], checkedAt: null })
  expect(standingOf(null, proofOf([gone], 1))).toMatchObject({ status: 'unproven', findings: [gone] })
  expect(standingOf(examined([]), proofOf([], 3))).toMatchObject({ status: 'degraded', checkedAt: 2 })
  expect(standingOf(examined([]), proofOf([gone], 3))).toEqual({
    status: 'unproven',
    findings: [gone, stale],
    checkedAt: 3,
  })
  expect(standingOf(examined([gone]), proofOf([], 3))).toEqual({ status: 'degraded', findings: [stale], checkedAt: 3 })
  // Somebody set the clock back: the newest proof counts all the same.
  expect(standingOf(examined([]), proofOf([gone], 0))).toMatchObject({ status: 'unproven', checkedAt: 0 })
})

test('a finding that nobody could look at again is neither there nor cured', () => {
  const [stale, drift] = [finding('stale-mount'), finding('mount-drift')]
  expect(unseenAgain([stale, drift], [proof({ inside: null })])).toEqual([stale])
  expect(unseenAgain([stale, drift], [proof({ inside: null, recorded: null })])).toEqual([stale, drift])
  expect(unseenAgain([stale, drift], [proof()])).toEqual([])
  expect(unseenAgain([stale, drift], [proof({ containerId: null, inside: null, recorded: null })])).toEqual([])
  expect(unseenAgain([stale, drift], [])).toEqual([])
})

test('only changes are news: new findings are found, and findings that are gone are cured', () => {
  const [one, other] = [finding('stale-mount'), finding('mount-drift')]
  expect(newsOf([], [one])).toEqual({ found: [one], cured: [] })
  expect(newsOf([one], [one, other])).toEqual({ found: [other], cured: [] })
  expect(newsOf([one, other], [other])).toEqual({ found: [], cured: [one] })
})
