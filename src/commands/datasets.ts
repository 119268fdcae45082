import type { Command } from 'commander'
import { countsOf, type Verification } from '../domain/files/verification.ts'
import { printable } from '../lib/printable.ts'
import { sizeInWords } from '../lib/size-in-words.ts'
import { minuteOf } from './minute.ts'
import { allOf, type Connect, followJob, type OnService, onService, withService } from './on-service.ts'
import { countOf } from './words.ts'

export type DatasetBody = {
  name: string
  title: string | null
  licence: string | null
  size_bytes: number | null
  files: number | null
  checksums: number
  trouble: string | null
  last_verified: { at: string; found: Counts | null } | null
}

type Counts = ReturnType<typeof countsOf>

/** Adds the commands for datasets to `ailab data`. */
export function addDatasets(data: Command, connect: Connect): void {
  withService(
    data
      .command('ls')
      .description('Lists the datasets: what each says of itself, its size, and its last verification.'),
  ).action((_options: unknown, command: Command) =>
    onService(connect, async (on) => datasetsText(await allOf<DatasetBody>(on, '/api/shared/datasets')))(command),
  )

  withService(data.command('verify <dataset>').description('Compares the files of a dataset with its checksums.'))
    .addHelpText(
      'after',
      '\nExit codes: 0 all files are as published, 1 it failed, 2 some files differ or are missing.',
    )
    .action((name: string, _options: unknown, command: Command) =>
      onService(connect, async (on) => {
        const result = (await work(on, name, 'verify')) as Verification
        if (result.differ.length + result.missing.length > 0) process.exitCode = 2
        return verifiedText(result)
      })(command),
    )

  withService(data.command('copy <dataset> [to]').description('Copies a dataset into your own folder.'))
    .addHelpText('after', '\nThe copy goes to datasets/<dataset> in your own folder, or to the path <to> there.')
    .action((name: string, to: string | undefined, _options: unknown, command: Command) =>
      onService(
        connect,
        async (on) => `${(await work(on, name, 'copy', to === undefined ? {} : { to })).copied}\n`,
      )(command),
    )
}

/** Has the service do it as a job, to its end. */
async function work(on: OnService, name: string, what: 'verify' | 'copy', body?: object) {
  const path = `/api/shared/datasets/${encodeURIComponent(name)}/${what}`
  const begun = await on.service.ask('POST', path, { signal: on.signal, ...(body && { body }) })
  return (await followJob(on, begun)).result ?? {}
}

export function datasetsText(all: readonly DatasetBody[]): string {
  return all.length === 0 ? 'There is no dataset yet.\n' : all.map(textOf).join('')
}

function textOf(dataset: DatasetBody): string {
  const { name, title, licence, size_bytes: bytes, files, checksums, trouble, last_verified: last } = dataset
  const size =
    bytes === null || files === null ? 'not counted yet' : `${sizeInWords(bytes)} in ${countOf(files, 'file')}`
  const sums = checksums === 0 ? 'no checksums' : countOf(checksums, 'checksum')
  const lines = [
    title === null ? name : `${name}: ${title}`,
    `    ${[size, ...(licence === null ? [] : [licence]), sums].join(', ')}`,
    ...(checksums === 0 ? [] : [`    ${lastInWords(last)}`]),
    ...(trouble === null ? [] : [`    ${trouble}`]),
  ]
  return lines.map((line) => `${printable(line)}\n`).join('')
}

function lastInWords(last: DatasetBody['last_verified']): string {
  if (last === null) return 'no verification recorded'
  const at = minuteOf(last.at)
  return last.found === null
    ? `changed since it was verified at ${at}`
    : `verified at ${at}: ${foundInWords(last.found)}`
}

function foundInWords({ verified, differ, missing }: Counts): string {
  return [
    `${verified} of ${countOf(verified + differ + missing, 'file')} as published`,
    ...(differ > 0 ? [`${differ} ${differ === 1 ? 'differs' : 'differ'}`] : []),
    ...(missing > 0 ? [`${missing} missing`] : []),
  ].join(', ')
}

export function verifiedText(found: Omit<Verification, 'of'>): string {
  const { differ, missing } = found
  const counts = countsOf(found)
  const unlisted = counts.differ - differ.length + counts.missing - missing.length
  return [
    foundInWords(counts),
    ...differ.map((path) => `differs: ${printable(path)}`),
    ...missing.map((path) => `missing: ${printable(path)}`),
    ...(unlisted > 0 ? [`${countOf(unlisted, 'more file')} ${unlisted === 1 ? 'is' : 'are'} not listed`] : []),
    '',
  ].join('\n')
}
