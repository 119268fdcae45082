import { AxeBuilder } from '@axe-core/playwright'
import type { Page } from 'playwright-core'
import { expect } from 'vitest'

// WCAG 2.2 AA, and what screen readers expect beside it.
const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']
// Only these see a difference between light and dark.
const rulesOfColours = ['color-contrast', 'link-in-text-block']

/** The faults that axe finds on a page in light and in dark, and the clocks that are read out as they move; a line each. */
export async function barriersOf(page: Page): Promise<string[]> {
  // A menu slides away under the question that it has opened.
  if ((await page.locator('[role=dialog]').count()) > 0)
    await expect.poll(() => page.locator('[role=menu]').count()).toBe(0)
  const found = await movingWordsOf(page)
  for (const colorScheme of ['light', 'dark'] as const) {
    // Without motion nothing is measured half faded in.
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
    // The other mode of axe opens a tab for each look, for the sake of frames of other origins: the console has none.
    const axe = new AxeBuilder({ page }).setLegacyMode()
    const { violations } = await (colorScheme === 'light'
      ? axe.withTags(tags)
      : axe.withRules(rulesOfColours)
    ).analyze()
    for (const { id, nodes } of violations)
      for (const { html, failureSummary } of nodes) found.push(`${colorScheme} ${id}: ${html}\n${failureSummary}`)
  }
  await page.emulateMedia({ colorScheme: 'light', reducedMotion: 'no-preference' })
  return found
}

/** What scrolls on a page and cannot be reached by keyboard, a line each. */
export async function scrollersOutOfReach(page: Page): Promise<string[]> {
  const axe = new AxeBuilder({ page }).setLegacyMode().withRules(['scrollable-region-focusable'])
  const { violations } = await axe.analyze()
  return violations.flatMap(({ nodes }) => nodes.map(({ html }) => html))
}

/** A reader of the screen reads such a block again each time that its clock moves. */
async function movingWordsOf(page: Page): Promise<string[]> {
  const clocks = await page.locator('[role=status] time, [role=alert] time').allTextContents()
  return clocks.map((clock) => `a clock that is read out: ${clock}`)
}
