/** Where a repository is, as the setting writes it. Pure. */

/** `path` of a folder: on the engine's host. */
export type RepositoryPlace =
  | { kind: 'folder'; path: string }
  | { kind: 'sftp'; user: string; host: string; port: number; path: string }
  | { kind: 's3'; url: string }

// Neither part may begin with a hyphen: ssh would take it for an option.
const sftpForm =
  /^sftp:(?:\/\/)?(?<user>\w[\w.-]*)@(?<host>[a-zA-Z0-9][a-zA-Z0-9.-]*)(?::(?<port>\d{1,5}))?:?(?<path>\/[\w.@+/-]*)$/
const s3Form = /^s3:(?<url>https:\/\/[a-zA-Z0-9][a-zA-Z0-9.-]*(?::\d{1,5})?\/[\w.-]+(?:\/[\w.-]+)*)\/?$/

export const repositoryAdvice =
  'write an absolute path, sftp:user@host:/path, sftp://user@host:port/path, or s3:https://host/bucket'

/** Null if it is none of the forms. */
export function placeOfRepository(text: string): RepositoryPlace | null {
  if (text.startsWith('/')) return { kind: 'folder', path: text }
  const sftp = sftpForm.exec(text)?.groups
  if (sftp) {
    const { user = '', host = '', port = '22', path = '' } = sftp
    return { kind: 'sftp', user, host, port: Number(port), path: path.replace(/^\/+/, '/') }
  }
  const s3 = s3Form.exec(text)?.groups
  return s3 ? { kind: 's3', url: s3.url ?? '' } : null
}

/** Whether the repository is reached over a network. */
export function isRemote(text: string): boolean {
  return !text.startsWith('/')
}
