/** What the errors of an upload mean for it. */
import type { DetailedError } from 'tus-js-client'
import { Refusal, Unreachable } from '../api/refusal.ts'

/** This browser cannot read the file: it was changed, moved or removed since it was chosen. */
export class Unreadable extends Error {
  override name = 'Unreadable'
}

/** A browser tells of a file that it cannot read as of a lost connection. @throws Unreadable */
export async function assertReadable(file: Blob): Promise<void> {
  await file
    .slice(0, 1)
    .arrayBuffer()
    .catch((cause: unknown) => {
      throw new Unreadable('The browser cannot read the file.', { cause })
    })
}

type Answer = { status: number; body: string; retryAfter: string | null }

const away = [0, 502, 504]
/** The upload is known and free, is gone (so a new one begins), or is in another request's hands. */
const settling = [404, 410, 423]

/**
 * Why an upload cannot go on just now, by the answer to the question how far it is. tus-js-client would take each of
 * these for an upload that is gone, and begin again at the first byte.
 */
export function faultOfLook(method: string, status: number, retryAfter: string | null = null): Error | null {
  if (method !== 'HEAD' || (status >= 200 && status < 300) || settling.includes(status)) return null
  return faultOf({ status, body: '', retryAfter })
}

/** The error of tus-js-client in the words of this console. */
export function problemOf(error: Error | DetailedError): Error {
  if (!('originalResponse' in error)) return error
  const { causingError, originalResponse: answer } = error
  if (causingError instanceof Refusal || causingError instanceof Unreachable) return causingError
  if (!answer) return faultOf({ status: 0, body: '', retryAfter: null }, error)
  const retryAfter = answer.getHeader('Retry-After') ?? null
  return faultOf({ status: answer.getStatus(), body: answer.getBody(), retryAfter }, error)
}

/**
 * Whether a later try may well do: the service is away, the person signs in again, or a request from before has brought more than this one
 * knew of (`wrong-state`: the upload then asks how far it is). Pure.
 */
export function maySucceedLater(error: unknown): boolean {
  if (error instanceof Unreachable) return true
  if (!(error instanceof Refusal)) return false
  return error.code === 'wrong-state' || [401, 408, 423, 429, 500, 502, 503, 504].includes(error.status)
}

/** Whether a refusal leaves open who is signed in: the answer to HEAD has no body, and so names no problem. Pure. */
export function leavesOpenWho(error: unknown): boolean {
  return error instanceof Refusal && error.status === 403 && error.code === ''
}

/** How long to wait before a try that has failed is made again: as planned, or as the service asks. */
export function waitAfter(error: unknown, plannedMs: number): number {
  return error instanceof Refusal ? Math.max(plannedMs, error.waitMs) : plannedMs
}

function faultOf({ status, body, retryAfter }: Answer, cause?: Error): Error {
  if (away.includes(status)) return new Unreachable(cause?.message ?? 'The service cannot be reached.', { cause })
  return new Refusal(status, parsed(body), retryAfter)
}

function parsed(text: string): object {
  try {
    const body: unknown = JSON.parse(text)
    return typeof body === 'object' && body !== null ? body : {}
  } catch {
    return {}
  }
}
