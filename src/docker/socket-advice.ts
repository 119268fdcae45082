import { isForbidden } from './engine-problem.ts'
import { containerIdOf, type ReadText } from './self.ts'

/** The group of a file; null if there is no such file. */
export type GroupOf = (path: string) => Promise<number | null>

/**
 * Advises an administrator whose service may not open the engine's socket. In a container the group comes from DOCKER_GID,
 * so the advice has its number. Null for any other error, and if nobody can read the group.
 */
export function createSocketAdvice(
  socket: string,
  { readText, groupOf }: { readText: ReadText; groupOf: GroupOf },
): (error: unknown) => Promise<string | null> {
  return async (error) => {
    if (!isForbidden(error)) return null
    const group = await groupOf(socket.replace(/^unix:\/\//, '')).catch(() => null)
    if (group === null) return null
    const [mounts, cgroups] = await Promise.all([readText('/proc/self/mountinfo'), readText('/proc/self/cgroup')])
    return containerIdOf(mounts ?? '', cgroups ?? '') === null ? onHost(group) : inContainer(group)
  }
}

function inContainer(group: number): string {
  return `The socket belongs to group ${group}: write DOCKER_GID=${group} into production.env, and make the container anew (docker-compose … up -d).`
}

function onHost(group: number): string {
  return `The socket belongs to group ${group}: add that user to it (usermod -aG "$(getent group ${group} | cut -d: -f1)" <user>), and start the service again.`
}
