import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import { archiveTypes, isArchiveFormat } from '../../domain/files/archive-format.ts'
import { demandedSha256 } from '../../domain/files/digest.ts'
import { entityTag } from '../../domain/files/entry.ts'
import { type FilePath, filePath, pathText } from '../../domain/files/file-path.ts'
import { sharedTree, type Tree } from '../../domain/files/tree.ts'
import type { Job } from '../../domain/jobs/job.ts'
import { type UserId, userId } from '../../domain/people/user-id.ts'
import { Problem } from '../../domain/problem.ts'
import type { BeginChecksum } from '../../files/checksums.ts'
import type { BeginCopy } from '../../files/copies.ts'
import type { Files } from '../../files/files.ts'
import type { Trash } from '../../files/trash.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromCursor } from '../cursor.ts'
import { answer, told } from '../documented.ts'
import { attachment, sendFile } from '../download.ts'
import { holdRight, requireHeld } from '../hold-right.ts'
import { untilClosed } from '../places.ts'
import { defaultLimit } from '../schemas/common.ts'
import {
  changeBody,
  entryBody,
  listBody,
  readQuery,
  toEntryBody,
  toListBody,
  toTrashedBody,
  trashedBody,
} from '../schemas/file.ts'
import { jobBody } from '../schemas/job.ts'
import { uploadBody } from '../upload-body.ts'
import { prefer } from '../wait.ts'
import { answerBegun, type JobsUses } from './jobs.ts'

const tags = ['files']
const ifMatch = z.string().max(1_000).optional().describe('Only if its ETag is one of these')
const ofDownload = (words: string) =>
  z
    .string()
    .max(2 ** 14) // as much as all headers of a request together
    .optional()
    .describe(`For a file: ${words}`)
const downloadHeaders = z.object({
  'if-match': ofDownload('only if its ETag is one of these'),
  'if-none-match': ofDownload('304 if its ETag is one of these'),
  range: ofDownload('only that part, such as `bytes=1000-`'),
  'if-range': ofDownload('the part only if this is its ETag, else the whole'),
  'want-repr-digest': ofDownload('`sha-256=1` asks for its checksum, up to 64 MiB (RFC 9530)'),
})
const ofReads = [
  'file-not-found',
  'wrong-kind',
  'user-not-found',
  'precondition-failed',
  'range-not-satisfiable',
  'too-many-at-once',
] as const
const ofAll = ['data-root-not-proven', 'folder-unusable', 'user-folder-unusable'] as const
const ofChanges = [
  'file-not-found',
  'file-exists',
  'wrong-kind',
  'user-not-found',
  'precondition-failed',
  'no-room',
  'storage-full',
  'too-many-at-once',
] as const

export type FileUses = {
  files: Files
  trash: Trash
  trashKeepMs: number | null
  beginCopy: BeginCopy
  beginChecksum: BeginChecksum
} & JobsUses

/** Where the routes of a tree are, and what the document calls them. */
export type Site<Params> = {
  path: string
  params: z.ZodObject
  noun: string
  whose: string
  treeOf(params: Params): Tree
}

export const sharedSite: Site<unknown> = {
  path: '/shared/files',
  params: z.object({}),
  noun: 'Shared',
  whose: '`shared/`',
  treeOf: () => sharedTree,
}

export const personSite: Site<{ id: UserId }> = {
  path: '/users/:id/files',
  params: z.object({ id: userId.describe('Whose folder') }),
  noun: 'User',
  whose: 'the folder of a person',
  treeOf: ({ id }) => ({ kind: 'person', userId: id }),
}

/** The files of one kind of tree: list, download, upload, change and delete. */
export function fileRoutes<Params>(app: App, site: Site<Params>, uses: FileUses): void {
  const params = site.params.extend({ '*': z.string().max(4_000).describe('The path, relative to the folder') })
  const at = (request: FastifyRequest): { tree: Tree; path: FilePath } => {
    const given = request.params as Params & { '*'?: string }
    return { tree: site.treeOf(given), path: filePath(given['*'] ?? '') }
  }
  for (const isTop of [true, false]) {
    app.get(
      isTop ? site.path : `${site.path}/*`,
      {
        config: { problems: [...ofReads, ...ofAll] },
        schema: {
          tags,
          operationId: isTop ? `list${site.noun}Files` : `get${site.noun}File`,
          summary: isTop
            ? `List ${site.whose}`
            : `Download a file, list a folder, or look at an entry, in ${site.whose}`,
          description: isTop ? 'The same as for a folder in it.' : downloads,
          params: isTop ? site.params : params,
          ...(!isTop && { headers: downloadHeaders }),
          querystring: readQuery,
          response: {
            200: {
              description: 'A page of a folder; the content of a file; with `as` an entry or an archive',
              ...(!isTop && { headers: told('ETag', 'Last-Modified', 'Accept-Ranges', 'Repr-Digest') }),
              content: {
                'application/json': { schema: z.union([listBody, entryBody]) },
                'application/octet-stream': { schema: z.string() },
                ...Object.fromEntries(Object.values(archiveTypes).map((type) => [type, { schema: z.string() }])),
              },
            },
            206: {
              description: 'The part of a file that `Range` asks for',
              headers: told('ETag', 'Last-Modified', 'Content-Range'),
              content: { 'application/octet-stream': { schema: z.string() } },
            },
            304: answer(z.null(), 'The file has not changed: `If-None-Match` has its ETag', 'ETag'),
          },
        },
      },
      (request, reply) => read(request, reply, at(request), uses),
    )
  }
  changeRoutes(app, { ...site, params }, at, uses)
  app.register(async (scope: App) => {
    // What is uploaded is bytes, whatever type the client gives it.
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    uploadRoute(scope, { ...site, params }, at, uses)
  })
}

const downloads = `A folder is listed. A file is an attachment, with \`ETag\`, \`Last-Modified\` and \`Range\`; with \`Want-Repr-Digest: sha-256=1\` one of
up to 64 MiB has \`Repr-Digest\` (RFC 9530). The service follows no link: \`as=entry\` says where it
leads. Other things than files and folders cannot be opened.`

type At = (request: FastifyRequest) => { tree: Tree; path: FilePath }
type Query = z.output<typeof readQuery>

async function read(
  request: FastifyRequest,
  reply: FastifyReply,
  { tree, path }: ReturnType<At>,
  { files, takePlace, rights }: FileUses,
): Promise<z.infer<typeof listBody> | z.infer<typeof entryBody>> {
  const caller = callerOf(request)
  const { as, search, sort, limit, cursor } = request.query as Query
  untilClosed(reply, takePlace(as === 'zip' ? 'zips' : 'files', caller))
  const signal = holdRight(request, reply, { rights })
  const text = pathText(path)
  if (search !== undefined) {
    const { items, isComplete } = await files.search(caller, tree, path, search, signal)
    requireHeld(signal)
    const bodies = items.map(({ path: found, entry }) => toEntryBody(entry, text === '' ? found : `${text}/${found}`))
    const writable = await files.isChangeable(caller, tree, path)
    return { path: text, writable, items: bodies, next_cursor: null, complete: isComplete }
  }
  if (isArchiveFormat(as)) {
    const name = `${path.at(-1) ?? (tree.kind === 'person' ? tree.userId : 'shared')}.${as}`
    reply.type(archiveTypes[as]).header('content-disposition', attachment(name))
    if (request.method === 'HEAD') {
      await files.look(caller, tree, path)
      return reply.serializer(String).send(Readable.from([]) as never) as never
    }
    const bytes = await files.archive(caller, tree, path, { format: as, signal })
    return reply.serializer(String).send(Readable.from(bytes, { objectMode: false }) as never) as never
  }
  const after = cursor === undefined ? null : fromCursor(cursor, ['string'])[0]
  const page = { sort, after, limit: limit ?? defaultLimit }
  const listed = async () =>
    toListBody(await files.list(caller, tree, path, page), text, await files.isChangeable(caller, tree, path))
  if (path.length === 0 && as === 'content') return await listed()
  const entry = await files.look(caller, tree, path)
  if (as === 'entry') return toEntryBody(entry, text)
  if (entry.kind === 'folder') return await listed()
  if (entry.kind !== 'file')
    throw new Problem('wrong-kind', `${text} is a ${entry.kind}: the service opens only files and folders.`)
  return (await sendFile(request, reply, await files.open(caller, tree, path))) as never
}

function uploadRoute(app: App, site: Site<never>, at: At, { files, takePlace, rights }: FileUses): void {
  app.put(
    `${site.path}/*`,
    {
      config: { problems: [...ofChanges, ...ofAll, 'checksum-differs'], takesLong: true },
      schema: {
        tags,
        consumes: ['application/octet-stream'],
        operationId: `upload${site.noun}File`,
        summary: `Write a file in ${site.whose}: the body is its content`,
        description:
          'A reader sees the old file or the new one, and never half. Folders on the way are made. `If-None-Match: *` replaces nothing; `If-Match` replaces only what you know.',
        params: site.params,
        headers: z.object({
          'if-match': ifMatch,
          'if-none-match': z.string().max(1_000).optional().describe('`*`: only if there is no such file'),
          'repr-digest': z
            .string()
            .max(1_000)
            .optional()
            .describe('`sha-256=:<base64>:` (RFC 9530): the content must have this checksum'),
        }),
        body: z.unknown().meta({ description: 'The content', format: 'binary' }),
        response: {
          200: answer(entryBody, 'The file, which was replaced', 'ETag'),
          201: answer(entryBody, 'The file, which is new', 'ETag'),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      using _place = takePlace('uploads', caller)
      const { tree, path } = at(request)
      const { headers } = request
      const signal = holdRight(request, reply, { rights })
      const length = headers['content-length']
      const content = uploadBody((request.body as Readable | undefined) ?? Readable.from([]))
      const { entry, isNew } = await files.write(caller, tree, path, content, {
        ifMatch: headers['if-match'],
        ifNoneMatch: headers['if-none-match'],
        sha256: demandedSha256(headers['repr-digest']?.toString()),
        sizeBytes: length === undefined ? null : Number(length),
        signal,
      })
      return reply
        .code(isNew ? 201 : 200)
        .header('etag', entityTag(entry))
        .send(toEntryBody(entry, pathText(path)))
    },
  )
}

function changeRoutes(app: App, site: Site<never>, at: At, uses: FileUses): void {
  const { files, trash, trashKeepMs, beginCopy, beginChecksum, takePlace } = uses
  app.post(
    `${site.path}/*`,
    {
      config: { problems: [...ofChanges, ...ofAll, 'job-under-way'] },
      schema: {
        tags,
        operationId: `create${site.noun}Change`,
        summary: `Make a folder, move, copy, or compute a checksum, in ${site.whose}`,
        description:
          'A copy and a checksum are jobs: 202, and `Location` says where it is. The result of a checksum has `sha256`, and the `etag` of the file that it is of.',
        params: site.params,
        headers: z.object({ 'if-match': ifMatch, prefer }),
        body: changeBody,
        response: {
          200: answer(entryBody, 'The entry under its new path, or the folder, which was there'),
          201: answer(entryBody, 'The new folder'),
          202: answer(jobBody, 'The copy or the checksum, as a job', 'Location', 'Preference-Applied'),
        },
      },
    },
    async (request, reply) => {
      const caller = callerOf(request)
      const { tree, path } = at(request)
      const { op, to } = request.body
      if (op === 'make-folder') {
        using _place = takePlace('files', caller)
        const { entry, isNew } = await files.makeFolder(caller, tree, path)
        return reply.code(isNew ? 201 : 200).send(toEntryBody(entry, pathText(path)))
      }
      const asJob = (begin: () => Promise<Job>) => answerBegun(request, reply, uses, begin)
      if (op === 'checksum') return await asJob(() => beginChecksum(caller, { tree, path }))
      const target = filePath(requiredTo(to))
      if (op === 'copy') return await asJob(() => beginCopy(caller, { tree, path }, { tree, path: target }))
      using _place = takePlace('files', caller)
      const entry = await files.move(caller, tree, path, target, { ifMatch: request.headers['if-match'] })
      return reply.send(toEntryBody(entry, pathText(target)))
    },
  )

  app.delete(
    `${site.path}/*`,
    {
      config: { problems: [...ofChanges, ...ofAll] },
      schema: {
        tags,
        operationId: `delete${site.noun}File`,
        summary: `Put a file or a folder of ${site.whose} into the trash`,
        description: '`POST /api/trash/{id}/restore` brings it back.',
        params: site.params,
        headers: z.object({ 'if-match': ifMatch }),
        response: { 200: answer(trashedBody, 'What is in the trash now') },
      },
    },
    async (request) => {
      const caller = callerOf(request)
      using _place = takePlace('files', caller)
      const { tree, path } = at(request)
      return toTrashedBody(await trash.put(caller, tree, path, { ifMatch: request.headers['if-match'] }), trashKeepMs)
    },
  )
}

function requiredTo(to: string | undefined): string {
  if (to !== undefined && to !== '') return to
  throw new Problem('invalid-request', 'The change needs the new path.', {
    errors: [{ pointer: '/to', detail: 'is needed' }],
  })
}
