import type { Catalog } from '../../domain/environment/catalog.ts'
import type { FoundImages } from '../../environments/find-images.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { answer } from '../documented.ts'
import { templatesBody, toTemplatesBody } from '../schemas/catalog.ts'

export function templateRoutes(
  app: App,
  { catalog, findImages }: { catalog: Catalog; findImages: () => Promise<FoundImages> },
): void {
  app.get(
    '/templates',
    {
      config: { action: 'template:see' },
      schema: {
        tags: ['templates'],
        operationId: 'listTemplates',
        summary: 'The templates, and what your tier allows',
        response: { 200: answer(templatesBody, 'The templates') },
      },
    },
    async (request) => toTemplatesBody(catalog, callerOf(request).tier, await findImages()),
  )
}
