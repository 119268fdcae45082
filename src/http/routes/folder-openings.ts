import { z } from 'zod'
import { filePath } from '../../domain/files/file-path.ts'
import type { FolderOpenings } from '../../files/openings.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { openBody, openingBody, openingsBody, toOpeningBody } from '../schemas/opening.ts'

const tags = ['files']

/** The folders of `shared/` in which others than administrators may write. */
export function folderOpeningRoutes(app: App, { openings }: { openings: FolderOpenings }): void {
  app.get(
    '/shared/openings',
    {
      schema: {
        tags,
        operationId: 'listFolderOpenings',
        summary: 'The folders of `shared/` that are opened to people or tiers, by path',
        response: { 200: answer(openingsBody, 'All of them, on one page') },
      },
    },
    async () => ({ items: (await openings.all()).map(toOpeningBody), next_cursor: null }),
  )

  app.post(
    '/shared/openings',
    {
      config: {
        problems: [
          'file-not-found',
          'wrong-kind',
          'user-not-found',
          'unknown-tier',
          'wrong-state',
          'data-root-not-proven',
        ],
      },
      schema: {
        tags,
        operationId: 'createFolderOpening',
        summary: 'Let a person, or all of a tier, write in a folder of `shared/`',
        body: openBody,
        response: { 201: answer(openingBody, 'The folder is opened') },
      },
    },
    async (request, reply) => {
      const { path, user_id, tier } = request.body
      const to = user_id === undefined ? { tier: tier ?? '' } : { userId: user_id }
      return reply.code(201).send(toOpeningBody(await openings.open(callerOf(request), filePath(path), to)))
    },
  )

  app.delete(
    '/shared/openings/:id',
    {
      config: { problems: ['not-found'] },
      schema: {
        tags,
        operationId: 'deleteFolderOpening',
        summary: 'Let only administrators write there again',
        params: z.object({ id: z.string().max(64).describe('The id of the opening') }),
        response: { 204: answer(z.null(), 'It is closed') },
      },
    },
    async (request, reply) => {
      await openings.close(request.params.id)
      return reply.code(204).send(null)
    },
  )
}
