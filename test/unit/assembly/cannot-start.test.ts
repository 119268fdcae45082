import { expect, test } from 'vitest'
import { cannotStart } from '../../../src/assembly/cannot-start.ts'
import { ConfigError } from '../../../src/settings/config.ts'

const inContainer = { dataDir: '/app/ai-lab-data', hostDataPath: '/srv/the lab' }

// Trouble (worst): the service in its container prints a command with a path that the host does not have
test('an administrator on the host reads paths of the host', () => {
  const error = new Error(
    "/app/ai-lab-data/admin is not ours, nor /app/ai-lab-data. Look: ls '/app/ai-lab-data/admin/ai-lab.db'. Or: chown 1:1 /app/ai-lab-data",
  )
  const { detail, remedy, hostPath } = cannotStart(error, inContainer)
  expect(detail).toBe(
    "'/srv/the lab/admin' is not ours, nor '/srv/the lab'. Look: ls '/srv/the lab/admin/ai-lab.db'. Or: chown 1:1 '/srv/the lab'",
  )
  expect([remedy, hostPath]).toEqual(['Then the service goes on by itself.', '/srv/the lab'])
  expect(cannotStart(error, { ...inContainer, hostDataPath: null }).detail).toBe(error.message)
  expect(cannotStart(error, { ...inContainer, hostDataPath: '/srv/lab' }).detail).toContain(
    'ls /srv/lab/admin/ai-lab.db. Or',
  )
})

test('for a wrong setting, the remedy says when the service reads its settings again', () => {
  const { detail, remedy } = cannotStart(new ConfigError('PORT: a number'), inContainer)
  expect(detail).toBe('The configuration is wrong:\nPORT: a number')
  expect(remedy).toContain('reads its files again by itself')
  expect(remedy).toContain('docker-compose … up -d')
})
