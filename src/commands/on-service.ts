import type { Command } from 'commander'
import { reasonOf } from '../lib/reason-of.ts'
import type { ServiceClient } from '../ports/service-client.ts'
import { runShown, type Shown } from './run-shown.ts'

/** Connects to a running service. `url` and `tokenFile` are what the person typed. */
export type Connect = (
  folder: string,
  options: { url?: string | undefined; tokenFile?: string | undefined },
) => Promise<ServiceClient>

export type OnService = Shown & { service: ServiceClient }

/** Adds the options of all commands that speak to a running service. */
export function withService(command: Command): Command {
  return command
    .option('--url <url>', 'the address of the service; the one of the settings unless told')
    .option('--token-file <file>', "a file with a token; the first administrator's unless told")
}

/** Runs the work of such a command, with a line of progress. Gives what it prints. */
export function onService(connect: Connect, work: (on: OnService) => Promise<string>) {
  return async (command: Command): Promise<void> => {
    const { folder, url, tokenFile } = command.optsWithGlobals<{ folder: string; url?: string; tokenFile?: string }>()
    await runShown('Interrupted.', async (shown) =>
      work({ ...shown, service: await connect(folder, { url, tokenFile }) }),
    )
  }
}

/** All items of a list of the service, page after page. */
export async function allOf<Item>({ service, signal }: OnService, path: string): Promise<Item[]> {
  const items: Item[] = []
  const page = `${path}${path.includes('?') ? '&' : '?'}limit=200`
  for (let cursor: string | null = ''; cursor !== null; ) {
    const more: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
    const answer = (await service.ask('GET', `${page}${more}`, { signal })) as {
      items: Item[]
      next_cursor: string | null
    }
    items.push(...answer.items)
    cursor = answer.next_cursor
  }
  return items
}

type JobBody = {
  id: string
  status: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  title: string
  progress: { doing: string; percent: number | null } | null
  result: Record<string, unknown> | null
  failure: { detail: string } | null
}

const lookEverySeconds = 1

/** Follows a job to its end, and shows how far it is. Ctrl-C ends the following, not the job. @throws Error that says why it failed */
export async function followJob({ service, line, signal }: OnService, begun: unknown): Promise<JobBody> {
  let job = begun as JobBody
  while (job.status === 'queued' || job.status === 'running') {
    const { title, progress } = job
    line.update(() => ({
      words: [title, progress?.doing].filter(Boolean).join(': '),
      percent: progress?.percent ?? null,
    }))
    const asked = service.ask('GET', `/api/jobs/${job.id}`, { signal, wait: lookEverySeconds })
    job = (await asked.catch((error: unknown) => {
      throw signal.aborted ? new Error(`${reasonOf(signal.reason)} ${goesOn(job)}`, { cause: error }) : error
    })) as JobBody
  }
  if (job.status === 'done') return job
  throw new Error(job.failure?.detail ?? `The job was cancelled: ${job.title}.`)
}

function goesOn({ id, title }: JobBody): string {
  return `The service goes on: ${title}. To cancel it, use the console's page Jobs, or POST /api/jobs/${id}/cancel.`
}
