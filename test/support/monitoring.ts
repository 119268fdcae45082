import { readFileSync } from 'node:fs'
import { parse } from 'yaml'

const folder = new URL('../../monitoring/', import.meta.url)

type Panel = { title: string; type: string; targets?: { expr: string }[] }
type Dashboard = {
  schemaVersion: number
  templating: { list: { name: string; definition?: string }[] }
  panels: Panel[]
}
type Rules = { groups: { rules: { alert: string; expr: string; labels: { severity: string } }[] }[] }

export type Monitoring = { prometheus: string; alerts: string; dashboard: Dashboard; rules: Rules }

/** The files of monitoring/ as they are given to Prometheus and Grafana. */
export function readMonitoring(): Monitoring {
  const text = (name: string) => readFileSync(new URL(name, folder), 'utf8')
  const alerts = text('alerts.yml')
  const dashboard = JSON.parse(text('grafana-dashboard.json')) as Dashboard
  return { prometheus: text('prometheus.yml'), alerts, dashboard, rules: parse(alerts) as Rules }
}

/** Every query of the dashboard and of the alerts, with the title of its panel or alert. */
export function queriesOf({ dashboard, rules }: Monitoring): { title: string; query: string }[] {
  const ofPanels = dashboard.panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr }) => ({ title, query: expr })),
  )
  const ofRules = rules.groups.flatMap((group) => group.rules.map(({ alert, expr }) => ({ title: alert, query: expr })))
  return [...ofPanels, ...ofRules]
}

/** The names of our metrics in a query. A series of a histogram counts as the histogram. */
export function metricsIn(query: string): string[] {
  const names = Array.from(query.matchAll(/\b(?:ailab|process)_[a-z0-9_]+/g), ([name]) => name)
  return names.map((name) => name.replace(/_seconds_(bucket|sum|count)$/, '_seconds'))
}
