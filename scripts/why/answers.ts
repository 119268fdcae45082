/** The answers of this service, as lines for the page. Pure. */

export type Found = { severity: string; code: string; detail: string; remedy: string }

/** Only the findings that say that something is wrong. */
export function codesOf(found: readonly Found[]): string[] {
  return found.filter(({ severity }) => severity !== 'note').map(({ code }) => code)
}

/** One line for each finding; for several with one code the first, and how many more there are. */
export function linesOf(found: readonly Found[]): string[] {
  return [...Map.groupBy(found, ({ code }) => code).values()].flatMap(([first, ...more]) => {
    if (!first) return []
    const { severity, code, detail, remedy } = first
    const rest = more.length > 0 ? [`(${more.length} more ${code})`] : []
    return [`${severity} ${code}: ${detail} ${remedy}`, ...rest]
  })
}

/** The findings in the service's log, which is lines of JSON. */
export function findingsIn(log: string): Found[] {
  return log.split('\n').flatMap((line) => {
    if (!line.includes('"finding')) return []
    const { finding, findings } = JSON.parse(line) as { finding?: Found; findings?: Found[] }
    return findings ?? (finding ? [finding] : [])
  })
}

type Checks = { status: string; checks: Record<string, { status: string; detail: string }> }

export function healthLines(code: number, { status, checks }: Checks): string[] {
  const wrong = Object.entries(checks).filter(([, check]) => check.status !== 'healthy')
  return [
    `${code} ${status}`,
    ...wrong.map(([name, check]) => `${name} ${check.status}: ${check.detail.split('\n')[0]}`),
  ]
}
