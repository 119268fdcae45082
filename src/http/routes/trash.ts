import { z } from 'zod'
import { filePath, pathText } from '../../domain/files/file-path.ts'
import { sharedTree, type Tree } from '../../domain/files/tree.ts'
import { userId } from '../../domain/people/user-id.ts'
import type { Trash } from '../../files/trash.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import type { TakePlace } from '../places.ts'
import { defaultLimit, flag, nextCursor, pageQuery } from '../schemas/common.ts'
import { entryBody, toEntryBody, toTrashedBody, trashedBody } from '../schemas/file.ts'

const tags = ['files']
const ofTrees = ['data-root-not-proven', 'folder-unusable', 'user-folder-unusable'] as const
const params = z.object({ id: z.string().max(64).describe('The id in the trash') })

/** What was deleted: list it, bring it back, remove it for good. */
export function trashRoutes(
  app: App,
  { trash, trashKeepMs, takePlace }: { trash: Trash; trashKeepMs: number | null; takePlace: TakePlace },
): void {
  app.get(
    '/trash',
    {
      schema: {
        tags,
        operationId: 'listTrash',
        summary: 'What was deleted from your folder, newest first',
        querystring: pageQuery.extend({
          user_id: userId.optional().describe("Another person's; administrators only"),
          shared: flag.describe('What was deleted from `shared/` instead; only for those who may change it'),
        }),
        response: {
          200: answer(z.object({ items: z.array(trashedBody), next_cursor: nextCursor }), 'A page of the trash'),
        },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      const { user_id, shared, limit, cursor } = request.query
      const [deletedAt, id] = cursor === undefined ? [null, null] : fromCursor(cursor, ['number', 'string'])
      const tree: Tree = shared ? sharedTree : { kind: 'person', userId: user_id ?? caller.userId }
      const after = deletedAt === null ? null : { deletedAt, id }
      const { items, next } = await trash.page(caller, tree, { after, limit: limit ?? defaultLimit })
      const bodies = items.map((each) => toTrashedBody(each, trashKeepMs))
      return { items: bodies, next_cursor: next && toCursor([next.deletedAt, next.id]) }
    },
  )

  app.post(
    '/trash/:id/restore',
    {
      config: {
        problems: [
          'trash-not-found',
          'file-exists',
          'wrong-kind',
          'wrong-state',
          'no-room',
          ...ofTrees,
          'too-many-at-once',
        ],
      },
      schema: {
        tags,
        operationId: 'restoreFromTrash',
        summary: 'Bring it back, to where it was or to another path',
        params,
        body: z
          .strictObject({ to: z.string().max(4_000).optional().describe('Another path, in the same folder') })
          .nullish(),
        response: { 200: answer(entryBody, 'The entry, which is back') },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      using _place = takePlace('files', caller)
      const to = request.body?.to
      const { entry, path } = await trash.restore(caller, request.params.id, to === undefined ? null : filePath(to))
      return toEntryBody(entry, pathText(path))
    },
  )

  app.delete(
    '/trash/:id',
    {
      config: { problems: ['trash-not-found', ...ofTrees, 'too-many-at-once'] },
      schema: {
        tags,
        operationId: 'deleteFromTrash',
        summary: 'Remove it for good',
        params,
        response: { 204: answer(z.null(), 'It is gone') },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      using _place = takePlace('files', caller)
      await trash.remove(caller, request.params.id)
      return reply.code(204).send(null)
    },
  )
}
