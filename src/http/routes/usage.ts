import { z } from 'zod'
import { userId } from '../../domain/people/user-id.ts'
import { octetsOf } from '../../lib/octets.ts'
import type { Counting } from '../../usage/counting.ts'
import type { Holding } from '../../usage/keep-quotas.ts'
import type { PlaceUsage, Usage } from '../../usage/usage.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { defaultLimit, pageQuery } from '../schemas/common.ts'
import {
  countingBody,
  historyBody,
  personUsageBody,
  placeKind,
  toHistoryBody,
  toLimitsBody,
  toPlaceBody,
  toRunBody,
  toTotalsBody,
  usageBody,
} from '../schemas/usage.ts'

const tags = ['data']

type Uses = { usage: Usage; counting: Counting; holding: () => Holding; onError: (error: unknown) => void }

/** What a person's own folder holds. */
export function ownUsageRoute(app: App, { usage }: Pick<Uses, 'usage'>): void {
  app.get(
    '/users/:id/usage',
    {
      config: { problems: ['user-not-found', 'not-found'] },
      schema: {
        tags,
        operationId: 'getUserUsage',
        summary: "What one's own folder holds, or another's for an administrator, with its history",
        description: 'Before the first count of the folder, or if there is none, it is 404 `not-found`.',
        params: z.object({ id: userId.describe('The id of the person') }),
        response: { 200: answer(personUsageBody, 'As of the last count') },
      },
    },
    async (request) => {
      const found = await usage.ofPerson(callerOf(request), request.params.id)
      return { ...toPlaceBody(found), history: toHistoryBody(found.history) }
    },
  )
}

/** What all folders hold. */
export function usageRoutes(app: App, { usage, counting, holding, onError }: Uses): void {
  app.get(
    '/data/usage',
    {
      config: { action: 'usage:survey' },
      schema: {
        tags,
        operationId: 'getUsage',
        summary: "What people's folders and the folders of shared/ hold, the biggest first",
        description:
          'As of the last count. Of shared/ and admin/ it tells the whole and each folder directly in it, and each dataset.',
        querystring: pageQuery.extend({ kind: placeKind.optional().describe('Only folders of this kind') }),
        response: { 200: answer(usageBody, 'A page of folders, and the sums of all') },
      },
    },
    async (request) => {
      const { kind, cursor, limit = defaultLimit } = request.query
      const all = await usage.all()
      const asked = all.filter((each) => kind === undefined || each.kind === kind)
      const from = cursor === undefined ? 0 : asked.findIndex(isAfter(...positionIn(cursor)))
      const items = from === -1 ? [] : asked.slice(from, from + limit)
      const last = asked.length > from + items.length ? items.at(-1) : undefined
      const run = counting.last()
      return {
        counting: counting.isCounting(),
        last_count: run && toRunBody(run),
        limits: toLimitsBody(holding()),
        totals: toTotalsBody(all),
        items: items.map(toPlaceBody),
        next_cursor: last ? toCursor([last.count.bytes, last.path]) : null,
      }
    },
  )

  app.get(
    '/data/usage/history',
    {
      config: { action: 'usage:survey', problems: ['not-found'] },
      schema: {
        tags,
        operationId: 'getUsageHistory',
        summary: 'What a folder held in the last days and hours, for plots',
        querystring: z.object({
          path: z.string().max(1024).describe('As `GET /api/data/usage` tells it, such as shared/datasets'),
        }),
        response: { 200: answer(historyBody, 'The oldest first') },
      },
    },
    async (request) => toHistoryBody(await usage.history(octetsOf(request.query.path))),
  )

  app.post(
    '/data/usage',
    {
      config: { action: 'usage:survey' },
      schema: {
        tags,
        operationId: 'startUsageCount',
        summary: 'Count now',
        description:
          'Reads all folders anew, also those that seem unchanged. If a count is under way, nothing more begins. `GET` tells when it has ended.',
        response: { 202: answer(countingBody, 'The count is under way') },
      },
    },
    async (_request, reply) => {
      counting.count({ full: true }).catch(onError)
      return reply.code(202).send({ counting: counting.isCounting() })
    },
  )
}

function positionIn(cursor: string): [bytes: number, path: string] {
  const [bytes, path] = fromCursor(cursor, ['number', 'string'])
  return [bytes as number, path as string]
}

function isAfter(bytes: number, path: string): (usage: PlaceUsage) => boolean {
  return (usage) => usage.count.bytes < bytes || (usage.count.bytes === bytes && usage.path > path)
}
