import { z } from 'zod'
import { mountsOf } from '../../domain/environment/container-spec.ts'
import { type Container, givenName, launchType, status } from '../../domain/environment/environment.ts'
import { type Runtime, statusReason } from '../../domain/environment/status.ts'
import { transitionOf } from '../../domain/environment/transition.ts'
import type { Caller } from '../../domain/people/account.ts'
import { can } from '../../domain/people/can.ts'
import { userId } from '../../domain/people/user-id.ts'
import type { MountProof } from '../../domain/proof/examination.ts'
import { findingsText, findings as kinds, type Proof } from '../../domain/proof/proof.ts'
import type { Found } from '../../environments/find.ts'
import { isoTime, nextCursor, pageQuery, time } from './common.ts'
import { environmentExample } from './environment-example.ts'
import { toTransitionBody, transitionBody } from './transition.ts'

const resources = z.object({ memory_bytes: z.int(), cpu_cores: z.number(), gpus: z.int(), pids: z.int() })

const mount = z.object({
  target: z.string(),
  source: z.string().optional().describe("The path on the engine's host; for administrators only"),
  mode: z.enum(['ro', 'rw']),
  proof: z.object({ status: z.enum(['proven', 'unproven', 'unknown']), checked_at: time.nullable() }),
})

/** The path of a call on one environment. */
export const environmentParams = z.object({ id: z.string().max(200).describe('The id of the environment') })

/** An environment as the API shows it. */
export const environmentBody = z
  .object({
    id: z.string(),
    name: z.string(),
    user_id: z.string(),
    template: z.string(),
    type: launchType,
    image: z.string().describe('Its name, as the template had it when the environment was created'),
    image_id: z
      .string()
      .nullable()
      .describe('The id in the engine of the image that its container is made from; null before the first container'),
    image_digest: z
      .string()
      .nullable()
      .describe('The digest of that image in its registry; null if it was built on the machine'),
    desired_state: z.enum(['running', 'paused', 'stopped', 'gone']),
    status,
    status_reason: z.string().nullable(),
    failure_code: z
      .string()
      .nullable()
      .describe('If it has failed: the code of the problem; `/problems/<code>` says what it means and what to do'),
    safe: z.boolean().describe("Whether it was last started without the person's own packages and settings"),
    transition: transitionBody
      .nullable()
      .describe(
        'What is under way; null: nothing more will happen by itself. While it is not null, ask again or wait.',
      ),
    access_url: z
      .string()
      .describe('Where a person opens it in a browser, whatever its status: it is started or resumed, after a sign-in'),
    program_url: z
      .string()
      .nullable()
      .describe(
        "Where a program with a token reaches its server, with a slash at the end. It is the server's address for Jupyter's clients. Null if ENVIRONMENTS_URL is not set, or names no host of its own.",
      ),
    resources,
    mounts: z.array(mount),
    created: time,
    started: time.nullable(),
    last_activity: time
      .nullable()
      .describe('The time of its last use, at most a minute old; null before the first look at it'),
    owner: z.string().describe('The same as `user_id`, for the existing portals').meta({ deprecated: true }),
  })
  .meta({ id: 'Environment', examples: [environmentExample] })

export type EnvironmentBody = z.infer<typeof environmentBody>

export const createBody = z
  .strictObject({
    template: z.string().min(1).max(64),
    name: givenName.optional(),
    user_id: userId.optional().describe('Whose environment; administrators only'),
    resources: z
      .strictObject({
        memory_bytes: z
          .int()
          .min(64 * 2 ** 20)
          .optional(),
        cpu_cores: z.number().min(0.1).optional(),
        gpus: z.int().min(0).optional(),
      })
      .optional(),
  })
  .meta({ id: 'CreateEnvironment', examples: [{ template: 'jupyterlab', name: 'churn model' }] })

/** The requested resources; the template gives the others. */
export function toResources(asked: NonNullable<z.infer<typeof createBody>['resources']>) {
  const { memory_bytes: memoryBytes, cpu_cores: cpuCores, gpus } = asked
  return {
    ...(memoryBytes !== undefined && { memoryBytes }),
    ...(cpuCores !== undefined && { cpuCores }),
    ...(gpus !== undefined && { gpus }),
  }
}
export const recreateBody = z
  .strictObject({
    image: z
      .literal('latest')
      .optional()
      .describe('Use the image that its name stands for in the engine now; if left out, the same image as before'),
  })
  .nullish()

export const renameBody = z.strictObject({ name: givenName })

export const listQuery = pageQuery.extend({
  user_id: userId.optional().describe('Whose environments; others than your own for administrators only'),
  status: status.optional().describe('Only those with this status'),
  template: z.string().max(64).optional().describe('Only those of this template'),
})

export const listBody = z.object({
  items: z.array(environmentBody),
  next_cursor: nextCursor,
  environments: z
    .array(environmentBody)
    .optional()
    .describe('For the existing portals: all environments, not one page of them, if neither limit nor cursor was given')
    .meta({ deprecated: true }),
})

export const statsBody = z.object({
  cpu_percent: z.number(),
  memory_bytes: z.int(),
  memory_limit_bytes: z.int(),
  network_received_bytes: z.int(),
  network_sent_bytes: z.int(),
  block_read_bytes: z.int(),
  block_written_bytes: z.int(),
  pids: z.int(),
})

/** The facts that all environments share in one answer. */
export type Scene = {
  /** Where the platform is in people's browsers. */
  publicUrl: string
  /** Where a program reaches an environment; null if there is no such address. */
  programUrlOf: (id: string) => string | null
  proof: EnvironmentBody['mounts'][number]['proof']
  hostDataPath: string | null
  sharedMode: 'ro' | 'rw'
  /** The newest result for an environment's container in its present run; null before the first look at it. */
  proofOf: (environmentId: string, container: Pick<Container, 'containerId' | 'startedAt'>) => MountProof | null
}

export function toScene(proof: Proof | null, lab: Omit<Scene, 'proof'>): Scene {
  const status = proof?.status ?? 'unknown'
  return { proof: { status, checked_at: proof && isoTime(proof.checkedAt) }, ...lab }
}

/** One environment as the API shows it to one caller: paths of the host are for administrators only. */
export function toEnvironmentBody(
  { environment, runtime, status }: Found,
  caller: Caller,
  scene: Scene,
): EnvironmentBody {
  const { id, name, userId, template, launch, madeFrom, safe, desired, resources } = environment
  const container = containerOf(runtime)
  const wrong = (container && scene.proofOf(id, container)?.findings.filter(isWrong)) || []
  const forAdmin = can(caller, 'host-path:see')
  const transition = transitionOf(environment, runtime)
  return {
    id,
    name,
    user_id: userId,
    template,
    type: launch.type,
    image: launch.image,
    image_id: madeFrom && madeFrom !== 'latest' ? madeFrom.id : null,
    image_digest: madeFrom && madeFrom !== 'latest' ? madeFrom.digest : null,
    desired_state: desired,
    status,
    status_reason: statusReason(environment, runtime, forAdmin) ?? wrongWords(wrong, forAdmin),
    failure_code: status === 'failed' ? (environment.failure?.code ?? null) : null,
    safe,
    transition: transition && toTransitionBody(transition),
    access_url: `${scene.publicUrl}/open/${id}`,
    program_url: scene.programUrlOf(id),
    resources: {
      memory_bytes: resources.memoryBytes,
      cpu_cores: resources.cpuCores,
      gpus: resources.gpus,
      pids: resources.pids,
    },
    mounts: mountsBody(userId, container, wrong.length > 0, forAdmin, scene),
    created: isoTime(environment.createdAt),
    started: startedAt(runtime),
    last_activity: environment.lastActivityAt === null ? null : isoTime(environment.lastActivityAt),
    owner: userId,
  }
}

function startedAt({ seen }: Runtime): string | null {
  const started = seen?.observation.kind === 'container' ? seen.observation.startedAt : null
  return started === null ? null : isoTime(started)
}

function containerOf({ seen }: Runtime): Container | null {
  switch (seen?.observation.kind) {
    case 'container':
      return seen.observation
    case 'foreign':
      return seen.observation.container
    default:
      return null
  }
}

function isWrong({ severity }: MountProof['findings'][number]): boolean {
  return severity === 'error'
}

function wrongWords(wrong: MountProof['findings'], forAdmin: boolean): string | null {
  if (wrong.length === 0) return null
  return forAdmin ? findingsText(wrong) : [...new Set(wrong.map(({ code }) => kinds[code].sentence))].join(' ')
}

/** The mounts that the environment should have, and those of its container, which were fixed when it was made. */
function mountsBody(
  userId: Found['environment']['userId'],
  container: Container | null,
  isWrong: boolean,
  forAdmin: boolean,
  { proof, hostDataPath, sharedMode }: Scene,
): EnvironmentBody['mounts'] {
  const status = isWrong && proof.status === 'proven' ? 'unproven' : proof.status
  const shown = status === proof.status ? proof : { ...proof, status }
  return mountsOf(userId, { hostDataPath: hostDataPath ?? '', sharedMode }).map(({ target, source, readOnly }) => {
    const recorded = container?.mounts.find((mount) => mount.target === target)
    return {
      target,
      ...(forAdmin && hostDataPath !== null && { source }),
      mode: (recorded?.readOnly ?? readOnly) ? 'ro' : 'rw',
      proof: shown,
    }
  })
}
