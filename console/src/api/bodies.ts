/** The bodies of the API, as the service's own schemas have them. */
import type { z } from 'zod'
import type {
  addUserBody,
  changeUserBody,
  invitationBody,
  issuedTokenBody,
  meBody,
  sessionBody,
  tokenBody,
  userBody,
} from '../../../src/http/schemas/account.ts'
import type { templatesBody } from '../../../src/http/schemas/catalog.ts'
import type { problemBody } from '../../../src/http/schemas/common.ts'
import type { EnvironmentBody, statsBody } from '../../../src/http/schemas/environment.ts'
import type { entryBody, listBody, trashedBody } from '../../../src/http/schemas/file.ts'
import type { jobBody } from '../../../src/http/schemas/job.ts'
import type { environmentOpeningsBody } from '../../../src/http/schemas/opening.ts'
import type { consistencyBody, mountsBody } from '../../../src/http/schemas/proof.ts'
import type { personUsageBody, usageBody } from '../../../src/http/schemas/usage.ts'

export type ProblemBody = z.infer<typeof problemBody>
export type Me = z.infer<typeof meBody>
export type User = z.infer<typeof userBody>
export type NewUser = z.input<typeof addUserBody>
export type UserChange = z.infer<typeof changeUserBody>
export type Invitation = z.infer<typeof invitationBody>
export type Session = z.infer<typeof sessionBody>
export type Token = z.infer<typeof tokenBody>
export type IssuedToken = z.infer<typeof issuedTokenBody>
export type Environment = EnvironmentBody
export type Stats = z.infer<typeof statsBody>
export type Mounts = z.infer<typeof mountsBody>
export type Consistency = z.infer<typeof consistencyBody>
export type Templates = z.infer<typeof templatesBody>
export type Template = Templates['items'][number]
export type Opening = z.infer<typeof environmentOpeningsBody>['items'][number]
export type Entry = z.infer<typeof entryBody>
export type FolderPage = z.infer<typeof listBody>
export type Trashed = z.infer<typeof trashedBody>
export type Job = z.infer<typeof jobBody>
export type PersonUsage = z.infer<typeof personUsageBody>
export type Usage = z.infer<typeof usageBody>['items'][number]
