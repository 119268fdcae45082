/** The address of the page at which an invitation is accepted. */
export function linkOf(publicUrl: string, code: string): string {
  return `${publicUrl}/sign-in/link/${code}`
}
