import rateLimit from '@fastify/rate-limit'
import type { FastifyInstance, FastifyRequest } from 'fastify'
import { isProblem, Problem } from '../domain/problem.ts'

const atMost = 30
const withinMs = 60_000

/**
 * Counts and logs wrong tokens by the address that they come from. Gives a function that turns the error of one more wrong token
 * into too-many-wrong-tokens. A right token goes on working: behind a shared proxy everybody has one address.
 */
export async function createWrongTokens(
  app: FastifyInstance,
): Promise<<E extends Error>(error: E, request: FastifyRequest) => Promise<E | Problem>> {
  await app.register(rateLimit, { global: false })
  const count = app.createRateLimit({ max: atMost, timeWindow: withinMs })
  return async (error, request) => {
    if (!isProblem(error, 'unauthenticated') || !request.headers.authorization) return error
    const counted = await count(request)
    if (counted.isAllowed || !counted.isExceeded) {
      const { ip: address, method, routeOptions } = request
      request.log.warn({ address, method, route: routeOptions.url }, 'a token was refused')
      return error
    }
    const detail = `${error.detail} ${atMost} wrong tokens came from this address within a minute: stop, and check the token.`
    return new Problem('too-many-wrong-tokens', detail, { retryAfterSeconds: counted.ttlInSeconds, cause: error })
  }
}
