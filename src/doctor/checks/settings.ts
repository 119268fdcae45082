import { type Check, note, ok, problem, warning } from '../../domain/doctor/check.ts'
import { strayLines, writtenValue } from '../../domain/doctor/settings-file.ts'
import { utf8Of } from '../../lib/printable.ts'
import { shellQuote } from '../../lib/shell-quote.ts'
import type { Observations } from '../observations.ts'
import { isWhole } from './data-root.ts'

/** Can the settings be read, by the service as well as by Compose, and do they keep environments apart? */
export function checkSettings(seen: Observations): Check[] {
  const { file, mistakes, weaknesses } = seen.settings
  const wrong = [
    ...(mistakes.length > 0 ? [mistaken(file.path, mistakes)] : []),
    ...(file.bytes ? unreadableLines(file.path, file.bytes) : []),
    ...weaknesses.map((weakness) => warning('settings', weakness)),
  ]
  if (wrong.length > 0) return wrong
  if (file.bytes) return [ok('settings', 'production.env is in order.')]
  if (seen.standpoint.place === 'container')
    return [ok('settings', 'The settings that the container was given are in order.')]
  return [withoutFile(seen)]
}

function mistaken(path: string, mistakes: readonly string[]): Check {
  return problem('settings', {
    summary: mistakes.length === 1 ? (mistakes[0] ?? '') : `${mistakes.length} mistakes in the settings.`,
    detail: `The service does not start with this: ${mistakes.join('; ')}`.replace(/[.?]?$/, (end) => end || '.'),
    remedy: `Correct them in ${path}; production.env.example explains each.`,
  })
}

function unreadableLines(path: string, bytes: Uint8Array): Check[] {
  const text = utf8Of(bytes)
  if (text === null || text.includes('\0')) {
    return [
      warning('settings', {
        summary: 'production.env is not plain UTF-8 text.',
        detail: `${path} holds bytes that are not UTF-8 text. docker-compose 1.29 breaks off when it reads such a file.`,
        remedy: 'Find the bytes, and write the line anew.',
        command: `grep -naxv '.*' ${shellQuote(path)}`,
      }),
    ]
  }
  const lines = strayLines(text)
  if (lines.length === 0) return []
  const shown = lines.slice(0, 10).join(', ')
  return [
    warning('settings', {
      summary: `production.env has ${lines.length === 1 ? 'a line' : `${lines.length} lines`} that cannot be read.`,
      detail: `${path}, line ${shown}${lines.length > 10 ? ', …' : ''}: neither NAME=value nor a comment. The setting that was meant has its default.`,
      remedy: 'Write NAME=value, or put # before it.',
      command: `sed -n ${lines
        .slice(0, 10)
        .map((line) => `-e ${line}p`)
        .join(' ')} ${shellQuote(path)}`,
    }),
  ]
}

function withoutFile(seen: Observations): Check {
  const { file } = seen.settings
  const { socketGroup, standpoint, backend } = seen
  const detail = `There is no ${file.path}: the service has its defaults, and Compose does not start without the file.`
  const root = isWhole(seen) ? writtenValue(standpoint.dataDir) : null
  const values = {
    ...(root && { HOST_DATA_PATH: root }),
    ...(socketGroup.kind === 'seen' && socketGroup.value !== null && { DOCKER_GID: String(socketGroup.value) }),
  }
  const words = {
    summary: 'There is no production.env.',
    detail,
    remedy: 'For Compose, copy the example and set HOST_DATA_PATH and DOCKER_GID in it. `npm start` needs none.',
    command: `cp ${shellQuote(file.example)} ${shellQuote(file.path)}`,
    fixes: [{ kind: 'make-settings', file: file.path, example: file.example, values } as const],
  }
  return backend.kind === 'seen' && backend.value.container ? warning('settings', words) : note('settings', words)
}
