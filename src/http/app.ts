/** The HTTP application: the base, and the routes that the capabilities bring. */
import type { FastifyRequest } from 'fastify'
import { Problem } from '../domain/problem.ts'
import type { App } from './app-type.ts'
import { type Authenticate, requireAdministrator, requireSignedIn } from './authenticate.ts'
import { type BaseUses, createBaseApp } from './base-app.ts'
import { registerOpenApi } from './openapi.ts'
import { pathOf } from './unknown-paths.ts'

/** The routes of a capability, grouped by the callers who may use them. All but `atTop` are below `/api`. */
export type Routes = {
  atTop?: (app: App) => void
  anyone?: (app: App) => void
  signedIn?: (app: App) => void
  administrators?: (app: App) => void
}

export type AppUses = BaseUses & { authenticate: Authenticate; version: string }

export async function createApp(uses: AppUses, routes: readonly Routes[]): Promise<App> {
  const nothingHere = (request: FastifyRequest) =>
    new Problem('not-found', `There is no ${request.method} ${pathOf(request)}.`)
  const app = await createBaseApp(uses, nothingHere)
  await registerOpenApi(app, uses)
  await registerRoutes(app, routes, uses.authenticate)
  return app
}

async function registerRoutes(app: App, routes: readonly Routes[], authenticate: Authenticate): Promise<void> {
  const prefix = '/api'
  for (const { atTop } of routes) atTop?.(app)
  await app.register(
    async (open: App) => {
      for (const { anyone } of routes) anyone?.(open)
    },
    { prefix },
  )
  await app.register(
    async (scope: App) => {
      requireSignedIn(scope, authenticate)
      for (const { signedIn } of routes) signedIn?.(scope)
      await scope.register(async (innermost: App) => {
        requireAdministrator(innermost)
        for (const { administrators } of routes) administrators?.(innermost)
      })
    },
    { prefix },
  )
}
