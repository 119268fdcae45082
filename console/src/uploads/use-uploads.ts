import { useQueryClient } from '@tanstack/react-query'
import { useEffect, useSyncExternalStore } from 'react'
import { refreshFolder } from '../api/files.ts'
import { type Place, parentOf, rootKey } from '../files/place.ts'
import { uploads } from './store.ts'

export function useUploads(): ReturnType<typeof uploads.get> {
  return useSyncExternalStore(uploads.subscribe, uploads.get)
}

const refreshEveryMs = 1_000

/** Shows what has arrived, and asks before the page is left while something is on its way. */
export function useUploadsManners(isActive: boolean): void {
  const client = useQueryClient()
  useEffect(() => {
    const changed = new Map<string, Place>()
    let timer: ReturnType<typeof setTimeout> | undefined
    const off = uploads.onArrival(({ root, path }) => {
      // A file in a new folder shows as this folder, in the one above.
      for (let folder = parentOf(path); ; folder = parentOf(folder)) {
        changed.set(`${rootKey(root)}/${folder}`, { root, path: folder })
        if (folder === '') break
      }
      timer ??= setTimeout(() => {
        for (const place of changed.values()) refreshFolder(client, place)
        changed.clear()
        timer = undefined
      }, refreshEveryMs)
    })
    return () => {
      off()
      clearTimeout(timer)
    }
  }, [client])
  useEffect(() => {
    if (!isActive) return
    const ask = (event: BeforeUnloadEvent) => event.preventDefault()
    addEventListener('beforeunload', ask)
    return () => removeEventListener('beforeunload', ask)
  }, [isActive])
}
