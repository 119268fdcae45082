/** Commands that the doctor prints, to be run on the host. */
import { octal, ownerText } from '../domain/doctor/fix.ts'
import type { Owner } from '../domain/people/notebook-user.ts'
import { shellQuote } from '../lib/shell-quote.ts'
import type { Observations } from './observations.ts'

/** Starts the backend, or makes its container anew if the settings have changed. */
export function upCommand({ folder }: { folder: string }): string {
  return `cd ${shellQuote(folder)} && docker-compose --env-file production.env -f docker-compose.production.yml up -d`
}

/** A fault of the owner, the mode or both of one path; never of what is in it. */
export type AccessChange = { owner?: Owner | null; mode?: number | string | null }

/** `chown` and `chmod` for one path. `-h`: do not follow a link that somebody has put there meanwhile. */
export function changeCommand(path: string | Uint8Array, { owner, mode }: AccessChange): string {
  const quoted = shellQuote(path)
  return [
    ...(owner ? [`chown -h ${ownerText(owner)} ${quoted}`] : []),
    ...(mode ? [`chmod ${typeof mode === 'number' ? octal(mode) : mode} ${quoted}`] : []),
  ].join(' && ')
}

/** A path of the data root on the host: commands run there, even if the doctor runs in a container. */
export function onHost({ root, ownMount }: Observations, path: string): string {
  const here = root.kind === 'seen' ? root.value?.path : undefined
  if (ownMount === null || here === undefined || !`${path}/`.startsWith(`${here}/`)) return path
  return `${ownMount}${path.slice(here.length)}`
}
