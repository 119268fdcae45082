import { expect, test } from 'vitest'
import { catalogSchema } from '../../../../src/domain/environment/catalog.ts'
import { idleLimitsOf, lookEveryMs } from '../../../../src/domain/idle/idle-limits.ts'

const tier = { memory: '8GiB', cpu_cores: 2, gpus: 0, max_environments: 5 }
const template = {
  ...{ description: '', type: 'jupyter', image: 'image', port: 1, open_path: '/', ready_path: '/' },
  ...{ memory: '1GiB', cpu_cores: 1 },
}
const catalog = catalogSchema.parse({
  tiers: { default: { ...tier, max_runtime: '8h' }, premium: tier },
  templates: {
    plain: template,
    own: { ...template, idle_pause_after: '10m', idle_stop_after: 'off', max_runtime: '1h' },
    endless: { ...template, max_runtime: 'off' },
  },
})
const configured = { 'idle-pause': 1_800_000, 'idle-stop': 43_200_000, 'max-runtime': 86_400_000 }

// Trouble (idleness): a template or a tier is gone from the catalogue
test.each([
  ['plain', 'premium', [1_800_000, 43_200_000, 86_400_000]],
  ['plain', 'default', [1_800_000, 43_200_000, 28_800_000]],
  ['own', 'default', [600_000, null, 3_600_000]],
  ['endless', 'default', [1_800_000, 43_200_000, null]],
  ['gone-from-the-catalogue', 'gone-too', [1_800_000, 43_200_000, 86_400_000]],
  ['toString', 'constructor', [1_800_000, 43_200_000, 86_400_000]],
])('the template %s and the tier %s give the right limits', (name, tierName, expected) => {
  expect(Object.values(idleLimitsOf({ template: name, tier: tierName }, catalog, configured))).toEqual(expected)
})

test('looks come as often as the shortest limit needs, and at least once a minute', () => {
  const off = { 'idle-pause': null, 'idle-stop': null, 'max-runtime': null }
  const empty = catalogSchema.parse({ tiers: { default: tier }, templates: { plain: template } })
  expect(lookEveryMs(empty, off)).toBe(60_000)
  expect(lookEveryMs(empty, configured)).toBe(60_000)
  expect(lookEveryMs(empty, { ...off, 'max-runtime': 5_000 })).toBe(500)
  expect(lookEveryMs(empty, { ...off, 'idle-pause': 1 })).toBe(250)
  expect(lookEveryMs(catalogSchema.parse({ ...raw(), tiers: { default: { ...tier, max_runtime: '1m' } } }), off)).toBe(
    6_000,
  )
})

function raw() {
  return { templates: { plain: template } }
}

test.each(['0s', '30', 'never', ''])('%j is no valid limit', (text) => {
  const wrong = { tiers: { default: { ...tier, max_runtime: text } }, templates: {} }
  expect(catalogSchema.safeParse(wrong).success).toBe(false)
})
