/** A metric of a scrape, with the names of its labels. */
export type Family = { name: string; type: string; help: string; labels: string[] }
export type Sample = { name: string; labels: Record<string, string>; value: number }

/** The answer of `/metrics`, in Prometheus's text format. */
export function parseScrape(text: string): { families: Family[]; samples: Sample[] } {
  const samples = Array.from(
    text.matchAll(/^([a-z_]+)(?:\{(.*)\})? (\S+)$/gm),
    ([, name = '', labels = '', value]) => ({
      name,
      labels: labelsOf(labels),
      value: Number(value),
    }),
  )
  const types = new Map(Array.from(text.matchAll(/^# TYPE (\S+) (\S+)$/gm), ([, name = '', type = '']) => [name, type]))
  const families = Array.from(text.matchAll(/^# HELP (\S+) (.*)$/gm), ([, name = '', help = '']) => {
    const type = types.get(name) ?? ''
    const series = type === 'histogram' ? `${name}_count` : name
    const labels = samples.filter((sample) => sample.name === series).flatMap((sample) => Object.keys(sample.labels))
    return { name, type, help, labels: [...new Set(labels)] }
  })
  return { families, samples }
}

function labelsOf(text: string): Record<string, string> {
  return Object.fromEntries(Array.from(text.matchAll(/(\w+)="([^"]*)"/g), ([, name, value]) => [name, value]))
}
