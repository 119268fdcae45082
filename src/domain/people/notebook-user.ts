/** A user and a group, by their numbers. */
export type Owner = { uid: number; gid: number }

/**
 * The user that notebooks run as: the one that is set; else 1000:100 if the service runs as root or 1000; else the
 * service's own.
 */
export function notebookUser(service: Owner, set: { uid?: number | undefined; gid?: number | undefined }): Owner {
  const asImage = service.uid === 0 || service.uid === 1000
  return { uid: set.uid ?? (asImage ? 1000 : service.uid), gid: set.gid ?? (asImage ? 100 : service.gid) }
}
