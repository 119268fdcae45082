import { Readable } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { BackupFile } from '../backups/backups.ts'
import type { Caller } from '../domain/people/account.ts'
import { can } from '../domain/people/can.ts'
import { Problem, problems } from '../domain/problem.ts'
import { callerOf } from './authenticate.ts'
import { attachment, neverShown } from './download.ts'
import { holdRight, type RightsUses } from './hold-right.ts'
import { type TakePlace, untilClosed } from './places.ts'
import { writtenInTime } from './written-in-time.ts'

const longestMs = 60 * 60_000
const idleMs = 2 * 60_000
/** Of all people together: each is a container that reads the repository. */
const atOnce = 6
/** Of those, for administrators of backups alone. */
const reserved = 2

export const ofBackupDownloads = ['backup-not-found', 'file-not-found', 'wrong-kind'] as const

export const backupDownloadAnswer = {
  200: {
    description: 'The content of the file',
    content: { 'application/octet-stream': { schema: z.string() } },
  },
}

export type SendBackupFile = (
  request: FastifyRequest,
  reply: FastifyReply,
  find: (options: { signal: AbortSignal }) => Promise<BackupFile>,
) => Promise<FastifyReply>

/**
 * Answers with one file of a backup. It is read while it is sent, so it has no `Range`. A client that takes nearly nothing for two minutes, or
 * is not done within an hour, is cut off. So is a client whose right ends.
 */
export function createSendBackupFile({ takePlace, ...uses }: RightsUses & { takePlace: TakePlace }): SendBackupFile {
  const takeReader = createReaders()
  return async (request, reply, find) => {
    untilClosed(reply, takePlace('backup-downloads', callerOf(request)))
    const signal = AbortSignal.any([holdRight(request, reply, uses), AbortSignal.timeout(longestMs)])
    try {
      const file = await find({ signal })
      if (request.method === 'HEAD') {
        reply.headers(headOf(file))
        return reply.send(Readable.from([]))
      }
      untilClosed(reply, takeReader(callerOf(request)))
      return await sendWhole(reply, file, signal)
    } catch (error) {
      throw error instanceof Problem || reply.raw.closed || !signal.aborted ? error : whyNotBegun(signal, error)
    }
  }
}

/** The places of those who read the repository at one time; some are for administrators alone. @throws Problem too-many-at-once */
function createReaders(): (caller: Caller) => Disposable {
  const underWay = { all: 0, ofPeople: 0 }
  return (caller) => {
    const isPerson = !can(caller, 'backup:manage')
    if (underWay.all >= atOnce || (isPerson && underWay.ofPeople >= atOnce - reserved)) {
      const detail = 'Too many files are downloaded from backups at this time. Try again in a minute.'
      throw new Problem('too-many-at-once', detail, { retryAfterSeconds: 60 })
    }
    const count = (by: number) => {
      underWay.all += by
      if (isPerson) underWay.ofPeople += by
    }
    count(1)
    const leave = () => count(-1)
    return { [Symbol.dispose]: leave }
  }
}

/** If a right has ended, the reason is a Problem. */
function whyNotBegun({ reason }: AbortSignal, cause: unknown): Problem {
  if (reason instanceof Problem) return reason
  const detail = 'The service ended, or the hour of a download was over, before the first byte. Try again in a minute.'
  return new Problem('backup-repository-unusable', detail, { retryAfterSeconds: 60, cause })
}

function headOf({ entry }: BackupFile): Record<string, string | number> {
  return {
    ...neverShown,
    'content-disposition': attachment(entry.name),
    'content-length': entry.sizeBytes,
    'last-modified': new Date(entry.modifiedAt).toUTCString(),
    'accept-ranges': 'none',
    'cache-control': 'private, no-store',
  }
}

/**
 * The head goes out with the first byte: until then the answer may still be a problem. The piece that completes the file waits for the end
 * of the reading: whoever has all bytes then has a whole file, and the place of this download is free for the next one.
 *
 * @throws Problem before the first byte. After it a connection that is cut tells the client
 */
async function sendWhole(reply: FastifyReply, file: BackupFile, signal: AbortSignal): Promise<FastifyReply> {
  const { raw } = reply
  let left = file.entry.sizeBytes
  const last: Uint8Array[] = []
  const begin = () => {
    if (reply.sent) return
    reply.headers(headOf(file)).hijack()
    raw.writeHead(200, reply.getHeaders() as Record<string, string | number>)
  }
  const send = async (piece: Uint8Array) => {
    begin()
    await writtenInTime(raw, piece, idleMs)
  }
  const take = async (piece: Uint8Array) => {
    left -= piece.length
    if (left < 0) throw unlikeAnnounced('more')
    if (left === 0) last.push(piece)
    else await send(piece)
  }
  try {
    await file.read(take, { signal })
    if (left > 0) throw unlikeAnnounced('fewer')
    begin()
    for (const piece of last) await send(piece)
    raw.end()
  } catch (error) {
    if (!reply.sent) throw error
    tell(reply, error, signal)
    raw.destroy()
  }
  return reply
}

function unlikeAnnounced(how: 'more' | 'fewer'): Problem {
  return new Problem('backup-repository-unusable', `The repository gives ${how} bytes than the file has.`)
}

/** A client that goes, a right that ends and a service that closes are no faults. */
function tell({ raw, log }: FastifyReply, error: unknown, { aborted }: AbortSignal): void {
  const problem = error instanceof Problem ? error : null
  const isNoFault = aborted || raw.destroyed || (problem !== null && problems[problem.code].status < 500)
  const [level, why] = [isNoFault ? 'debug' : 'warn', problem?.adminDetail] as const
  log[level]({ err: error, why }, 'a download from a backup broke off')
}
