/** What the image of the backend brings along. */
import { beforeAll, expect, test } from 'vitest'
import { backendImage, buildBackendImage } from './support/backend-image.ts'
import { docker } from './support/docker.ts'

beforeAll(buildBackendImage, 600_000)

test('the image has the compiled code of the gateway and of the commands: in a container, none of them compiles anything', async () => {
  // Nobody can listen at this address (RFC 5737): the gateway loads all that it needs, and ends.
  const commands = [
    'HOST=192.0.2.1 ailab gateway',
    'ailab doctor',
    'ailab user add demo@ailab.com',
    'ailab forget-root',
    'ailab uninstall',
    'ailab migrate --from /nowhere',
  ]
  const list = 'find .compile-cache -type f | sort'
  const script = `before=$(${list}); ${commands.map((each) => `${each} > /dev/null 2>&1`).join('; ')}; after=$(${list})
    [ -n "$before" ] && [ "$before" = "$after" ] && echo same`
  expect(await docker('run', '--rm', backendImage, 'sh', '-c', `${script} || echo other`)).toBe('same')
})
