import { expect, test } from 'vitest'
import { guardCommands, missingRules } from '../../../../src/domain/network/guard-rules.ts'

const guard = { bridge: 'lab-0', rootId: '5f3c0000-0000-4000-8000-000000000000', blocked: [] as string[] }
const other = { ...guard, rootId: '77770000-0000-4000-8000-000000000000', blocked: ['10.0.0.0/8'] }

/** The output of `iptables -S` after `text` was restored over the rules in `listing`. */
function restored(listing: string, text: string | null): string {
  const lines = (text ?? '').split('\n')
  const written = lines.filter((line) => line.startsWith(':')).map((line) => line.slice(1).split(' ')[0])
  const kept = listing.split('\n').filter((line) => !written.some((chain) => line.startsWith(`-A ${chain} `)))
  const declared = written.map((chain) => `-N ${chain}`).filter((line) => !kept.includes(line))
  const inserted = lines.filter((line) => line.startsWith('-I ')).map((line) => line.replace('-I', '-A'))
  return [...kept, ...declared, ...lines.filter((line) => line.startsWith('-A ')), ...inserted].join('\n')
}

const empty = '-P INPUT ACCEPT\n-N DOCKER-USER\n-A DOCKER-USER -j RETURN'

test('a new firewall lacks all rules, and lacks none after they were restored', () => {
  const all = missingRules(empty, guard)
  expect(all).toContain('-A AI-LAB-FORWARD -d 169.254.0.0/16 -j REJECT')
  expect(all).toContain('-I INPUT -i lab-0 -j AI-LAB-HOST\n')
  expect(missingRules(restored(empty, all), guard)).toBeNull()
})

test("two services with different networks have a chain each, and neither undoes the other's", () => {
  const both = restored(restored(empty, missingRules(empty, guard)), missingRules(empty, other))
  expect(missingRules(both, guard)).toBeNull()
  expect(missingRules(both, other)).toBeNull()
})

test('the network 0.0.0.0/0 is written as iptables prints it', () => {
  const all = { ...guard, blocked: ['0.0.0.0/0'] }
  const text = missingRules(empty, all)
  expect(text).toContain('-A AI-LAB-5f3c0000 -j REJECT')
  expect(text).not.toContain('0.0.0.0/0')
})

test('a network that leaves the settings leaves the rules, and nothing else changes', () => {
  const before = restored(empty, missingRules(empty, other))
  const change = missingRules(before, { ...other, blocked: [] })
  expect(change).toBe('*filter\n:AI-LAB-77770000 - [0:0]\nCOMMIT\n')
})

test.each(['-A INPUT -i lab-0 -j AI-LAB-HOST', '-A AI-LAB-FORWARD -d 169.254.0.0/16'])(
  'only %s is restored if somebody removed it',
  (gone) => {
    const whole = restored(empty, missingRules(empty, guard))
    const partly = whole
      .split('\n')
      .filter((line) => !line.startsWith(gone))
      .join('\n')
    const change = missingRules(partly, guard)
    expect(change).not.toBeNull()
    expect(change?.includes('-I INPUT')).toBe(gone.includes('INPUT'))
    expect(missingRules(restored(partly, change), guard)).toBeNull()
  },
)

test('a second bridge gets its own jumps', () => {
  const change = missingRules(restored(empty, missingRules(empty, guard)), { ...guard, bridge: 'br-1' })
  expect(change).toContain('-I DOCKER-USER -i br-1 -j AI-LAB-FORWARD')
  expect(change).not.toContain(':AI-LAB')
})

test('the shell commands insert a jump only if it is missing', () => {
  const commands = guardCommands(guard)
  expect(commands).toContain('| sudo iptables-restore --wait --noflush\n')
  expect(commands).toContain(
    'sudo iptables --wait -C INPUT -i lab-0 -j AI-LAB-HOST 2>/dev/null || sudo iptables --wait -I INPUT -i lab-0 -j AI-LAB-HOST',
  )
})
