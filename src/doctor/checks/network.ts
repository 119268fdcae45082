import { type Check, notChecked, ok, warning } from '../../domain/doctor/check.ts'
import { guardCommands, missingRules } from '../../domain/network/guard-rules.ts'
import { seenOf, unseen } from '../attempt.ts'
import type { Observations } from '../observations.ts'

/** Do environments reach this machine, and the link-local addresses at which clouds keep a machine's credentials? */
export function checkNetwork(observations: Observations): Check[] {
  const { bridge, root, settings } = observations
  if (bridge.kind === 'unseen') return [notChecked('network', `The engine does not tell: ${bridge.reason}.`)]
  const rootId = seenOf(root)?.markers['']?.rootId
  if (!rootId) return [notChecked('network', 'There is no data root, so there are no rules to check.')]
  const guard = { bridge: bridge.value, rootId, blocked: settings.blockedNetworks }
  const cure = {
    remedy:
      'Run the service as root beside the engine, and it keeps the rules itself. Or make them on the host, after each of its starts:',
    command: guardCommands(guard),
  }
  const rules = rulesOfItsMachine(observations)
  if (rules.kind === 'unseen') {
    return [
      notChecked('network', {
        summary: 'The firewall is not seen from here: run ailab doctor as root, on the host.',
        detail: `Whether environments reach this machine and link-local addresses is not known: ${rules.reason}. On the host the doctor needs iptables, and the dependencies of the clone (npm ci).`,
        ...cure,
      }),
    ]
  }
  if (missingRules(rules.value, guard) === null) {
    return [ok('network', 'Environments reach neither this machine nor link-local addresses.')]
  }
  return [
    warning('network', {
      summary: 'Environments may reach this machine.',
      detail: `Rules of the firewall are missing: from within an environment this machine, link-local addresses (at 169.254.169.254 clouds keep a machine's credentials) or BLOCKED_NETWORKS may be reached.`,
      ...cure,
    }),
  ]
}

/** The rules that were read, where they are those of the machine that environments run on. */
function rulesOfItsMachine({ rules, settings: { dockerHost }, standpoint }: Observations): Observations['rules'] {
  if (!dockerHost.startsWith('unix:')) return unseen(`the engine at ${dockerHost} may be on another machine`)
  return standpoint.place === 'container' ? unseen('the firewall of the host is not seen from this container') : rules
}
