import { expect, test } from 'vitest'
import { createSocketAdvice } from '../../../src/docker/socket-advice.ts'

const refused = Object.assign(new Error('connect EACCES'), { code: 'EACCES' })
const id = 'ab'.repeat(32)
const mountinfo = `1 2 0:3 /var/lib/docker/containers/${id}/hostname /etc/hostname rw`

function adviceOn(error: unknown, { inside = false, group = 105 as number | null } = {}) {
  const readText = async (path: string) => (inside && path.endsWith('mountinfo') ? mountinfo : null)
  const groupOf = async (path: string) => (path === '/run/engine.sock' ? group : null)
  return createSocketAdvice('unix:///run/engine.sock', { readText, groupOf })(error)
}

// Trouble (worst): DOCKER_GID is wrong, and the advice is to change a user of the host
test('in a container the advice is to set DOCKER_GID to the group of the socket', async () => {
  expect(await adviceOn(refused, { inside: true })).toContain('write DOCKER_GID=105 into production.env')
  expect(await adviceOn(refused)).toContain('usermod -aG "$(getent group 105')
})

test('there is no advice where nobody may look at the socket either', async () => {
  const groupOf = () => Promise.reject(refused)
  const advise = createSocketAdvice('unix:///run/engine.sock', { readText: async () => null, groupOf })
  expect(await advise(refused)).toBeNull()
})

test('there is no advice where the group is unknown, or the error another one', async () => {
  expect(await adviceOn(refused, { group: null })).toBeNull()
  expect(await adviceOn(Object.assign(new Error('gone'), { code: 'ENOENT' }))).toBeNull()
})
