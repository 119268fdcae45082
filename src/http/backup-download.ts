import type { FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { BackupFile } from '../backups/backups.ts'
import { Problem } from '../domain/problem.ts'
import { callerOf } from './authenticate.ts'
import { attachment, neverShown, written } from './download.ts'
import { holdRight, type RightsUses } from './hold-right.ts'
import { type TakePlace, untilClosed } from './places.ts'

const longestMs = 60 * 60_000
const idleMs = 2 * 60_000
/** Of all people together: each is a container that reads the repository. */
const atOnce = 6

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
 * Answers with one file of a backup. It is read while it is sent, so it has no `Range`. A client that takes nothing for two minutes, or
 * is not done within an hour, is cut off. So is a client whose right ends.
 */
export function createSendBackupFile({ takePlace, ...uses }: RightsUses & { takePlace: TakePlace }): SendBackupFile {
  let underWay = 0
  return async (request, reply, find) => {
    untilClosed(reply, takePlace('backup-downloads', callerOf(request)))
    if (underWay >= atOnce) {
      const detail = 'Too many files are downloaded from backups at this time. Try again in a minute.'
      throw new Problem('too-many-at-once', detail, { retryAfterSeconds: 60 })
    }
    underWay += 1
    const leave = () => {
      underWay -= 1
    }
    untilClosed(reply, { [Symbol.dispose]: leave })
    const signal = AbortSignal.any([holdRight(request, reply, uses), AbortSignal.timeout(longestMs)])
    const file = await find({ signal })
    setHead(reply, file)
    if (request.method === 'HEAD') return reply.send('')
    return await sendWhole(reply, file, signal)
  }
}

function setHead(reply: FastifyReply, { entry }: BackupFile): void {
  reply.headers({ ...neverShown, 'content-disposition': attachment(entry.name), 'content-length': entry.sizeBytes })
  reply.header('last-modified', new Date(entry.modifiedAt).toUTCString())
  reply.headers({ 'accept-ranges': 'none', 'cache-control': 'private, no-store' })
}

/** @throws Problem before the first byte. After it a connection that is cut tells the client. */
async function sendWhole(reply: FastifyReply, { entry, read }: BackupFile, signal: AbortSignal): Promise<FastifyReply> {
  const { raw } = reply
  let left = entry.sizeBytes
  const begin = () => {
    if (reply.sent) return
    reply.hijack()
    raw.setTimeout(idleMs, () => raw.destroy())
    raw.writeHead(200, reply.getHeaders() as Record<string, string | number>)
  }
  const take = async (piece: Uint8Array) => {
    begin()
    left -= piece.length
    await written(raw, piece)
  }
  try {
    await read(take, { signal })
    begin()
    if (left === 0) raw.end()
    else raw.destroy()
  } catch (error) {
    if (!reply.sent) throw error
    reply.log.debug({ err: error }, 'a download from a backup broke off')
    raw.destroy()
  }
  return reply
}
