/**
 * Firewall rules that keep environments away from the machine that they run on, and from the networks around it.
 *
 * INVARIANTS
 * - The service writes only chains of its own. In other chains it only puts a jump to its own chain in front, if there
 *   is none.
 * - All services on one engine share the first two chains, which are the same for all. The networks that an
 *   administrator adds are in a chain of this data root: services with different settings do not undo each other's
 *   rules, and the strictest holds.
 * - The service removes no rules, except from the chain of this data root, when a network was taken out of the
 *   settings.
 */
import { shellQuote } from '../../lib/shell-quote.ts'

const forwarded = 'AI-LAB-FORWARD'
const toHost = 'AI-LAB-HOST'
const linkLocal = '169.254.0.0/16'
const everything = '0.0.0.0/0' // iptables -S leaves it out

export type Guard = {
  /** The machine's interface on which packets from environments come in. */
  bridge: string
  rootId: string
  /** More networks that environments may not reach, such as `10.0.0.0/8`. */
  blocked: readonly string[]
}

type Jump = { from: 'DOCKER-USER' | 'INPUT'; to: string }

// Let out answers to requests that came in, and DNS: many a cloud has a link-local name server.
const exceptions = [
  '-m conntrack --ctstate RELATED,ESTABLISHED -j RETURN',
  '-p udp -m udp --dport 53 -j RETURN',
  '-p tcp -m tcp --dport 53 -j RETURN',
]
const refuse = '-j REJECT --reject-with icmp-admin-prohibited'

/** The missing part of a guard, as `iptables-restore --noflush` reads it; null if nothing is missing. Pure. */
export function missingRules(listing: string, guard: Guard): string | null {
  const there = new Set(listing.split('\n'))
  const isThere = (chain: string) => there.has(`-N ${chain}`)
  const wanted = chainsOf(guard).filter(([chain, rules]) => rules.length > 0 || isThere(chain))
  const chains = wanted.filter(([chain, rules]) => !isThere(chain) || rulesIn(listing, chain) !== rules.join('\n'))
  const jumps = jumpsOf(guard).filter((jump) => !there.has(`-A ${ruleOf(jump, guard)}`))
  if (chains.length === 0 && jumps.length === 0) return null
  return restoreText(
    chains,
    jumps.map((jump) => `-I ${ruleOf(jump, guard)}`),
  )
}

/** Shell commands that set up a guard; repeating them is harmless. Pure. */
export function guardCommands(guard: Guard): string {
  const lines = restoreText(chainsOf(guard), []).trimEnd().split('\n')
  const chains = `printf '%s\\n' ${lines.map(shellQuote).join(' ')} | sudo iptables-restore --wait --noflush`
  const jumps = jumpsOf(guard)
    .map((jump) => ruleOf(jump, guard))
    .map((rule) => `sudo iptables --wait -C ${rule} 2>/dev/null || sudo iptables --wait -I ${rule}`)
  return [chains, ...jumps].join('\n')
}

function restoreText(chains: readonly (readonly [string, string[]])[], inserts: readonly string[]): string {
  const declared = chains.map(([chain]) => `:${chain} - [0:0]`)
  return ['*filter', ...declared, ...chains.flatMap(([, rules]) => rules), ...inserts, 'COMMIT', ''].join('\n')
}

/** Each chain with its rules, written as `iptables -S` prints them. */
function chainsOf(guard: Guard): [string, string[]][] {
  const chain = (name: string, refusals: string[]): [string, string[]] => [
    name,
    refusals.length === 0 ? [] : [...exceptions, ...refusals].map((rule) => `-A ${name} ${rule}`),
  ]
  return [
    chain(forwarded, [`-d ${linkLocal} ${refuse}`]),
    chain(toHost, [refuse]),
    chain(
      ofRoot(guard),
      guard.blocked.map((network) => (network === everything ? refuse : `-d ${network} ${refuse}`)),
    ),
  ]
}

function jumpsOf(guard: Guard): Jump[] {
  return [
    { from: 'DOCKER-USER', to: forwarded },
    { from: 'INPUT', to: toHost },
    ...(guard.blocked.length > 0 ? [{ from: 'DOCKER-USER', to: ofRoot(guard) } as const] : []),
  ]
}

function ruleOf({ from, to }: Jump, { bridge }: Guard): string {
  return `${from} -i ${bridge} -j ${to}`
}

function ofRoot({ rootId }: Guard): string {
  return `AI-LAB-${rootId.slice(0, 8)}`
}

function rulesIn(listing: string, chain: string): string {
  const rules = listing.split('\n').filter((line) => line.startsWith(`-A ${chain} `))
  return rules.join('\n')
}
