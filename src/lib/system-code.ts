// EDQUOT of Linux: libuv has no name for it, so Node.js calls it "Unknown system error -122".
const quotaErrno = -122

/** The name of a system error (`ENOENT`, …), or what else stands in `code`; null for any other error. */
export function systemCode(error: unknown): string | null {
  if (!(error instanceof Error)) return null
  if ('errno' in error && error.errno === quotaErrno) return 'EDQUOT'
  return 'code' in error ? String(error.code) : null
}
