import { expect, onTestFinished, test, vi } from 'vitest'
import { hostNetwork } from '../../../src/host/host-network.ts'

// Trouble (doctor): where there is no iptables, as in a container, the doctor ends ten seconds after its last word
test('a look at the firewall leaves no timer behind where iptables is missing', async () => {
  const timers = () => process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length
  vi.stubEnv('PATH', '/nowhere')
  onTestFinished(() => void vi.unstubAllEnvs())
  const before = timers()
  await expect(hostNetwork.rules()).rejects.toThrow('ENOENT')
  expect(timers()).toBeLessThanOrEqual(before) // one of before may have ended
})
