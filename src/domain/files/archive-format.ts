/** The forms in which a folder is downloaded, and the media type of each. Pure. */
export const archiveFormats = ['tar', 'zip'] as const
export type ArchiveFormat = (typeof archiveFormats)[number]

export const archiveTypes: Record<ArchiveFormat, string> = { tar: 'application/x-tar', zip: 'application/zip' }

export function isArchiveFormat(text: string): text is ArchiveFormat {
  return archiveFormats.some((format) => format === text)
}
