import type { Page } from 'playwright-core'

/** Whether the page needs no scrolling sideways. Tables and plots that are wider scroll in a frame of their own. */
export const isWhole = (page: Page) => page.evaluate<boolean>('document.scrollingElement.scrollWidth <= innerWidth')
