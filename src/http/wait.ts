import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { isProblem, Problem } from '../domain/problem.ts'
import type { Found } from '../environments/find.ts'
import type { Watch } from '../environments/watch.ts'
import { callerOf } from './authenticate.ts'
import { holdRight, type RightsUses, requireHeld } from './hold-right.ts'
import type { TakePlace } from './places.ts'

// nginx gives up an answer after 60 seconds: its 504 would look like a failure, and a client that repeats the request would
// create a second environment.
const waitAtMostSeconds = 55

/** Splits a header at its commas, but not within quotes. */
const preference = /(?:[^,"]|"(?:\\.|[^"\\])*"?)+/g
const waitPreference = /^\s*wait\s*(?:=\s*("?)([^";]*)\1\s*)?(?:;|$)/i
const wholeSeconds = /^\d{1,9}$/

export const prefer = z
  .string()
  .max(1_000)
  .refine((text) => wholeSeconds.test(askedSeconds(text) ?? '0'), 'wait=N takes a whole number of seconds')
  .optional()
  .describe(
    `\`wait=N\` (RFC 7240): answer when nothing is under way any more, or after N seconds. The longest wait is ${waitAtMostSeconds} seconds; \`Preference-Applied\` says which one counts.`,
  )

/** The number of seconds of `wait=N` as it stands in the header; null if there is none. */
function askedSeconds(header: string): string | null {
  for (const [each] of header.matchAll(preference)) {
    const match = waitPreference.exec(each)
    if (match) return match[2] ?? ''
  }
  return null
}

/** The seconds to wait by the header `Prefer`, which is valid; 0 without the preference. */
export function waitSeconds(header: string | undefined): number {
  return Math.min(Number(askedSeconds(header ?? '') ?? 0), waitAtMostSeconds)
}

export type WaitUses = { watch: Pick<Watch, 'untilSettled'>; takePlace: TakePlace } & RightsUses

/**
 * Makes a change, and waits, as far as the request prefers to, until nothing is under way on the environment.
 *
 * @throws Problem environment-not-found, if it is gone by then
 */
export async function changeAndWait(...args: Parameters<typeof changeOrRemoveAndWait>): Promise<Found> {
  const found = await changeOrRemoveAndWait(...args)
  if (found) return found
  throw new Problem('environment-not-found', 'The environment was deleted while you waited for it.')
}

/** The same for a change that removes it: null if it is gone. */
export async function changeOrRemoveAndWait(
  request: FastifyRequest,
  reply: FastifyReply,
  { watch, takePlace, ...rights }: WaitUses,
  change: () => Promise<Found>,
): Promise<Found | null> {
  const caller = callerOf(request)
  const seconds = waitSeconds(request.headers.prefer?.toString())
  using _place = seconds > 0 ? takePlace('waits', caller) : null // before the service changes anything
  const found = await change()
  if (seconds === 0) return found
  reply.header('preference-applied', `wait=${seconds}`)
  const signal = holdRight(request, reply, rights)
  const limits = { limitMs: seconds * 1000, signal }
  const after = await watch.untilSettled(caller, found.environment.id, limits).catch(nullIfGone)
  requireHeld(signal)
  return after
}

function nullIfGone(error: unknown): null {
  if (isProblem(error, 'environment-not-found')) return null
  throw error
}
