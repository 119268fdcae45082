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
import type {
  backupBody,
  backupFilesBody,
  backupsBody,
  legacyBackupsBody,
  treeBackupsBody,
} from '../../../src/http/schemas/backup.ts'
import type { templatesBody } from '../../../src/http/schemas/catalog.ts'
import type { problemBody } from '../../../src/http/schemas/common.ts'
import type { datasetBody } from '../../../src/http/schemas/dataset.ts'
import type { EnvironmentBody, statsBody } from '../../../src/http/schemas/environment.ts'
import type { entryBody, listBody, trashedBody } from '../../../src/http/schemas/file.ts'
import type { HealthBody } from '../../../src/http/schemas/health.ts'
import type { jobBody } from '../../../src/http/schemas/job.ts'
import type { machineBody } from '../../../src/http/schemas/machine.ts'
import type { environmentOpeningsBody } from '../../../src/http/schemas/opening.ts'
import type { orphansBody } from '../../../src/http/schemas/orphan.ts'
import type { consistencyBody, mountsBody } from '../../../src/http/schemas/proof.ts'
import type { historyBody, personUsageBody, usageBody } from '../../../src/http/schemas/usage.ts'

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
export type Finding = Consistency['findings'][number]
export type Part = Finding['part']
export type Health = HealthBody
export type Machine = z.infer<typeof machineBody>
export type Backups = z.infer<typeof backupsBody>
export type Orphan = z.infer<typeof orphansBody>['items'][number]
export type Templates = z.infer<typeof templatesBody>
export type Template = Templates['items'][number]
export type Opening = z.infer<typeof environmentOpeningsBody>['items'][number]
export type Job = z.infer<typeof jobBody>
export type Dataset = z.infer<typeof datasetBody>
export type Entry = z.infer<typeof entryBody>
export type FolderPage = z.infer<typeof listBody>
export type Trashed = z.infer<typeof trashedBody>
export type PersonUsage = z.infer<typeof personUsageBody>
export type UsageHistory = z.infer<typeof historyBody>
export type LabUsage = z.infer<typeof usageBody>
export type PlaceUsage = LabUsage['items'][number]
export type Backup = z.infer<typeof backupBody>
export type OwnBackup = z.infer<typeof treeBackupsBody>['items'][number]
export type BackupEntry = z.infer<typeof backupFilesBody>['items'][number]
export type LegacyBackup = z.infer<typeof legacyBackupsBody>['items'][number]
export type Usage = z.infer<typeof usageBody>['items'][number]
