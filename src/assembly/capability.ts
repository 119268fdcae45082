import type { Routes } from '../http/app.ts'

/** One capability's part of the service: routes, by who may use them, and work in the background. */
export type Capability = {
  routes?: Routes
  /**
   * Runs until `closing` aborts. `firstLook` resolves once the service's health was measured for the first time, or took
   * too long.
   */
  work?: (closing: AbortSignal, firstLook: Promise<unknown>) => Promise<unknown>
}
