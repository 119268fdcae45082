import type { Command } from 'commander'
import type { Environment } from '../domain/environment/environment.ts'
import { Problem } from '../domain/problem.ts'
import { printable } from '../lib/printable.ts'
import { reasonOf } from '../lib/reason-of.ts'

/** An environment, and where a browser opens it. */
export type Opening = { url: string; environment: Pick<Environment, 'userId' | 'desired' | 'failure'> }

/** Adds `ailab open` to the command line. */
export function addOpen(program: Command, find: (folder: string, id: string) => Promise<Opening>): void {
  program
    .command('open <id>')
    .description('Prints the link at which the owner of an environment opens it in a browser.')
    .addHelpText('after', help)
    .action(async (id: string, _options: unknown, command: Command) => {
      try {
        const { url, environment } = await find(command.optsWithGlobals<{ folder: string }>().folder, id)
        process.stderr.write(`It opens for ${environment.userId} alone, after a sign-in. ${stateWords(environment)}\n`)
        process.stdout.write(`${url}\n`)
      } catch (error) {
        process.stderr.write(`${error instanceof Problem ? error.detail : reasonOf(error)}\n`)
        process.exitCode = 1
      }
    })
}

function stateWords({ desired, failure }: Opening['environment']): string {
  if (failure) return `It has failed: ${printable(failure.adminDetail)}`
  switch (desired) {
    case 'running':
      return 'It should be running.'
    case 'paused':
      return 'It should be paused; opening it resumes it.'
    case 'stopped':
      return 'It should be stopped; opening it starts it.'
    case 'gone':
      return 'It is being deleted.'
  }
}

const help = `
It works while the service runs and while it does not, for everyone who may write the database of the data root. The link has no
secret in it and signs nobody in. Only the link goes to the standard output:

  bin/ailab open ai-lab-jupyterlab-adst3x
  docker exec ai-lab-backend ailab open ai-lab-jupyterlab-adst3x`
