import type { Environment } from '../domain/environment/environment.ts'
import type { Caller } from '../domain/people/account.ts'
import { type Action, hindranceOf, missingScope } from '../domain/people/can.ts'
import { Problem } from '../domain/problem.ts'
import type { EnvironmentStore } from '../ports/environment-store.ts'

/**
 * Finds the record of an environment on which the caller may do `action`. Callers share what they get.
 *
 * @throws Problem environment-not-found, also for another person's: ids must not be guessable; forbidden if the token's
 * scopes do not allow it
 */
export type FindRecord = (caller: Caller, id: string, action: Action) => Promise<Readonly<Environment>>

export function createFindRecord(store: Pick<EnvironmentStore, 'get'>): FindRecord {
  return async (caller, id, action) => {
    const environment = await store.get(id)
    const hindrance = environment && hindranceOf(caller, action, { owner: environment.userId })
    if (environment && !hindrance) return environment
    if (hindrance === 'scope') throw missingScope(action)
    throw new Problem('environment-not-found', `There is no environment ${id}.`)
  }
}
