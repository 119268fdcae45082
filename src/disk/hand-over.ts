import { shellQuote } from '../lib/shell-quote.ts'

/** The command that gives a file or a folder to the service. The platform's own folder goes over with all that is in it. */
export function handOver(path: string): string {
  const all = path.endsWith('/admin') ? '-R ' : ''
  return `chown ${all}${process.getuid?.()}:${process.getgid?.()} ${shellQuote(path)}`
}
