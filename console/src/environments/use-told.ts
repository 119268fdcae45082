import { useState } from 'react'
import { part } from '../api/call.ts'
import { useStream } from '../api/stream.ts'
import { nothingTold, type Telling, type Told, withTold } from './told.ts'

const kinds = ['phase', 'status', 'queued', 'pulling', 'warning', 'ready', 'out-of-memory'] as const

/**
 * Follows the stream of one environment. `while`: whether there is anything to be told. `isEndless`: also beyond the end of a start, for
 * warnings.
 */
export function useTold(
  id: string,
  { while: isFollowed = true, isEndless = false }: { while?: boolean; isEndless?: boolean } = {},
): Told {
  const [told, setTold] = useState(nothingTold)
  const take = <Kind extends keyof Telling>(kind: Kind, data: string) =>
    setTold((before) => withTold(before, kind, JSON.parse(data) as Telling[Kind]))
  const path = `environments/${part(id)}/events${isEndless ? '?follow=true' : ''}`
  const handlers = Object.fromEntries(kinds.map((kind) => [kind, (data: string) => take(kind, data)]))
  useStream(isFollowed ? path : null, { handlers, isEndless })
  return told
}
