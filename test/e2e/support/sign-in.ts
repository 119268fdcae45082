import type { Page } from 'playwright-core'
import type { RunningService } from './service.ts'

export const password = 'a long enough password'

/** The platform as a browser on this machine opens it. */
export function platformOf({ url }: Pick<RunningService, 'url'>): string {
  return url.replace('127.0.0.1', 'localhost')
}

export async function setPassword(service: RunningService, id: string): Promise<void> {
  await service.call('PUT', `/api/users/${id}/password`, { body: { password } })
}

/** Fills in the page of the sign-in, as a person with a password from `setPassword`. */
export function signInAs(id: string): (page: Page) => Promise<void> {
  return async (page) => {
    await page.getByLabel('User id').fill(id)
    await page.getByLabel('Password').fill(password)
    await page.getByRole('button', { name: 'Sign in' }).click()
  }
}

/** Opens the environment that the console shows, in this tab: its own link opens another one. */
export async function openHere(page: Page): Promise<void> {
  const link = page.getByRole('link', { name: /^Open/ })
  await page.goto((await link.getAttribute('href')) ?? '')
}
