import { useQuery } from '@tanstack/react-query'
import { rootKey } from '../files/place.ts'
import type { PreviewProps } from './preview.tsx'
import { readPart } from './read.ts'

/** The first bytes of a file, `atMost` of them, turned into what is shown. */
export function useStart<T>(
  { place, entry, sizeBytes }: PreviewProps,
  name: string,
  atMost: number,
  turn: (bytes: ArrayBuffer, isWhole: boolean) => T | Promise<T>,
) {
  return useQuery({
    queryKey: ['preview', name, rootKey(place.root), place.path, entry.etag],
    queryFn: async ({ signal }) => {
      const end = Math.min(atMost, sizeBytes)
      return { shown: await turn(await readPart({ place, entry }, 0, end, signal), end === sizeBytes) }
    },
    staleTime: Number.POSITIVE_INFINITY, // the ETag is part of the key
    gcTime: 60_000,
  })
}
