import { z } from 'zod'
import { filePath } from '../../domain/files/file-path.ts'
import type { Datasets } from '../../files/datasets.ts'
import type { App } from '../app-type.ts'
import { callerOf } from '../authenticate.ts'
import { fromCursor, toCursor } from '../cursor.ts'
import { answer } from '../documented.ts'
import { defaultLimit, pageQuery } from '../schemas/common.ts'
import { datasetBody, datasetsBody, type Figures, toDatasetBody } from '../schemas/dataset.ts'
import { jobBody } from '../schemas/job.ts'
import { prefer } from '../wait.ts'
import { answerBegun, type JobsUses } from './jobs.ts'

const tags = ['files']
const params = z.object({ name: z.string().max(255).describe('The name of the dataset') })
const ofReads = ['file-not-found', 'data-root-not-proven', 'folder-unusable'] as const

export type DatasetUses = { datasets: Datasets; figuresOf: (name: string) => Promise<Figures | null> } & JobsUses

/** Datasets: list them, copy one to one's own data, verify one. */
export function datasetRoutes(app: App, { datasets, figuresOf, ...uses }: DatasetUses): void {
  app.get(
    '/shared/datasets',
    {
      config: { problems: ofReads },
      schema: {
        tags,
        operationId: 'listDatasets',
        summary: 'List the datasets of the lab, by name',
        querystring: pageQuery,
        response: { 200: answer(datasetsBody, 'A page of datasets') },
      },
    },
    async (request) => {
      const { limit, cursor } = request.query
      const after = cursor === undefined ? null : fromCursor(cursor, ['string'])[0]
      const { items, next } = await datasets.page(callerOf(request), { after, limit: limit ?? defaultLimit })
      const bodies = items.map(async (each) => toDatasetBody(each, await figuresOf(each.name)))
      return { items: await Promise.all(bodies), next_cursor: next && toCursor([next]) }
    },
  )

  app.get(
    '/shared/datasets/:name',
    {
      config: { problems: ofReads },
      schema: {
        tags,
        operationId: 'getDataset',
        summary: 'One dataset',
        params,
        response: { 200: answer(datasetBody, 'The dataset') },
      },
    },
    async (request) => {
      const dataset = await datasets.one(callerOf(request), request.params.name)
      return toDatasetBody(dataset, await figuresOf(dataset.name))
    },
  )

  app.post(
    '/shared/datasets/:name/copy',
    {
      config: {
        problems: [
          ...ofReads,
          'file-exists',
          'storage-full',
          'wrong-kind',
          'job-under-way',
          'too-many-at-once',
          'user-folder-unusable',
        ],
      },
      schema: {
        tags,
        operationId: 'createDatasetCopy',
        summary: 'Copy a dataset to your own data, as a job',
        params,
        headers: z.object({ prefer }),
        body: z
          .strictObject({
            to: z
              .string()
              .min(1)
              .max(4_000)
              .optional()
              .describe('The path in your folder; `datasets/<name>` unless told'),
          })
          .nullish(),
        response: { 202: answer(jobBody, 'The copy, as a job', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      const to = request.body?.to
      const begin = () => datasets.copy(callerOf(request), request.params.name, to === undefined ? null : filePath(to))
      return await answerBegun(request, reply, uses, begin)
    },
  )

  app.post(
    '/shared/datasets/:name/verify',
    {
      config: { problems: [...ofReads, 'wrong-state', 'job-under-way', 'too-many-at-once'] },
      schema: {
        tags,
        operationId: 'createDatasetVerification',
        summary: 'Compare its files with the checksums in `dataset.yaml`, as a job',
        description:
          'The result has `verified`, the number of files that are as they should be, and the paths of those that `differ` or are `missing`. Each list has 1,000 paths at most; `unlisted_differ` and `unlisted_missing` count the others. `of` is the version of the dataset that it read.',
        params,
        headers: z.object({ prefer }),
        response: { 202: answer(jobBody, 'The verification, as a job', 'Location', 'Preference-Applied') },
      },
    },
    async (request, reply) => {
      return await answerBegun(request, reply, uses, () => datasets.verify(callerOf(request), request.params.name))
    },
  )
}
