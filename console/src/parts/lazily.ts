import { type ComponentType, type LazyExoticComponent, lazy } from 'react'
import { call } from '../api/call.ts'

/** The service has other files than those of this page: it was updated. Only a new page knows the new ones. */
export class Outdated extends Error {
  override name = 'Outdated'
}

const againAfterMs = 2_000
const wanted: (() => Promise<unknown>)[] = []

/**
 * Loads a part of the console, however long the service is away. @throws Outdated if the service is there and does not have it
 */
export async function loadInsistently<T>(load: () => Promise<T>): Promise<T> {
  for (let wasUp = false; ; ) {
    try {
      return await load()
    } catch (cause) {
      if (wasUp) throw new Outdated('The service was updated. Load this page anew.', { cause })
      wasUp = await isUp()
      if (!wasUp) await new Promise((resolve) => setTimeout(resolve, againAfterMs))
    }
  }
}

async function isUp(): Promise<boolean> {
  return call('GET', 'health/live').then(
    () => true,
    () => false,
  )
}

/** Makes a component that loads when it is first shown. `inAdvance`: it loads soon after the page, in case the service is away later. */
export function lazily<Props>(
  load: () => Promise<ComponentType<Props>>,
  { inAdvance = false } = {},
): LazyExoticComponent<ComponentType<Props>> {
  if (inAdvance) wanted.push(load)
  return lazy(async () => ({ default: await loadInsistently(load) }))
}

/** Loads the components marked `inAdvance`. If one fails to load now, it loads when it is shown. */
export function loadInAdvance(): void {
  for (const load of wanted) load().catch(() => {})
}
