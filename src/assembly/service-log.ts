/** The lines that the service writes to its log on its own. Level error means that somebody has to act. */
import type { Logger } from 'pino'
import type { InvitationsLog } from '../accounts/invitations.ts'
import type { OpenIdSignInLog } from '../accounts/openid-sign-in.ts'
import type { PasswordsLog } from '../accounts/passwords.ts'
import type { SessionsLog } from '../accounts/sessions.ts'
import type { SignInLog } from '../accounts/sign-in.ts'
import type { TokensLog } from '../accounts/tokens.ts'
import type { Failure } from '../domain/environment/environment.ts'
import { sentences } from '../domain/environment/plan.ts'
import type { Warning } from '../domain/environment/progress.ts'
import type { Cause } from '../domain/idle/idle.ts'
import type { Job } from '../domain/jobs/job.ts'
import type { TokenStanding } from '../domain/people/account.ts'
import type { Session } from '../domain/people/session.ts'
import { isUnwritable, Problem } from '../domain/problem.ts'
import { type Examination, newsOf, unseenAgain } from '../domain/proof/examination.ts'
import { type Finding, findingsText, type Proof } from '../domain/proof/proof.ts'
import type { OpeningsLog } from '../environments/openings.ts'
import type { GuardLog } from '../guard/keep-guard.ts'
import type { IdlenessLog } from '../idleness/idleness.ts'
import type { JobsLog } from '../jobs/run.ts'
import { shown } from '../lib/octets.ts'
import type { ReconcilerLog } from '../reconcile/reconciler.ts'
import type { CountRun } from '../usage/counting.ts'
import type { QuotasLog } from '../usage/keep-quotas.ts'
import type { StandingsLog } from '../usage/standings.ts'

/** Writes one line when the proof ceases to hold, and one when it holds again. */
export function logTurn(logger: Logger, { status, findings }: Proof): void {
  if (status === 'proven') logger.info('the data root is proven: the engine sees the same files')
  else logger.error({ findings }, 'the data root is not proven: nothing is created or started')
}

/** Writes one line when something is found about an environment, and one when it is seen to be cured. */
export function createExaminationLog(logger: Logger): (examination: Examination) => void {
  let before: readonly Finding[] = []
  return ({ root, environments, findings }) => {
    const seen = findings.filter((finding) => !root.findings.includes(finding))
    const now = [...seen, ...unseenAgain(before, environments)]
    const { found, cured } = newsOf(before, now)
    before = now
    for (const finding of found) {
      const level = finding.severity === 'error' ? 'error' : finding.severity === 'warning' ? 'warn' : 'info'
      logger[level]({ finding }, findingsText([finding]))
    }
    for (const { code, environmentId } of cured) logger.info({ code, environment: environmentId }, 'it is cured')
  }
}

/**
 * The log of the firewall rules that keep environments from the machine. If the service may not set them, the doctor
 * prints how.
 */
export function guardLog(logger: Logger): GuardLog {
  return {
    guarded: (bridge) =>
      logger.info({ bridge }, 'environments are kept from this machine and from link-local addresses'),
    unguarded: (reason) =>
      logger.warn(
        { reason },
        'environments may reach this machine and link-local addresses; ailab doctor tells the cure',
      ),
  }
}

/** Calls back for each environment that failed, and each time that memory ran out in one. */
export function reconcilerLog(
  logger: Logger,
  { onFailure, onMemoryKill }: { onFailure: (failure: Failure) => void; onMemoryKill: () => void },
): ReconcilerLog {
  return {
    step: (environment, step) => logger.info({ environment }, sentences[step.kind]),
    failed: (environment, failure) => {
      onFailure(failure)
      logger.warn({ environment, failure }, 'the environment failed')
    },
    outOfMemory: (environment, kill) => {
      onMemoryKill()
      logger.warn({ environment, at: new Date(kill.at).toISOString(), limit_bytes: kill.limitBytes }, kill.reason)
    },
    waits: (environment, { code, adminDetail }) => logger.warn({ environment, code }, `it waits: ${adminDetail}`),
    broken: (environment, error) => logger.error({ environment, err: error }, 'a pass broke off; it is tried again'),
  }
}

/** An audit of tokens. A token that `ailab token` made beside the service is logged at its first use. */
export function tokensLog(logger: Logger): TokensLog {
  const told = ({ id, userId, name, role, scopes }: TokenStanding['token']) => ({
    token_id: id,
    user: userId,
    name,
    role,
    scopes,
  })
  return {
    issued: (token, by) => logger.info({ ...told(token), by }, 'a token was made'),
    revoked: (token, by) => logger.info({ ...told(token), by }, 'a token was revoked'),
    firstUsed: (token) => logger.info(told(token), 'a token is used for the first time'),
  }
}

/** An audit of sign-ins and passwords. */
export function peopleLog(logger: Logger): SessionsLog & SignInLog & OpenIdSignInLog & PasswordsLog & InvitationsLog {
  const told = ({ id, userId, client, address }: Session) => ({
    session_id: id,
    user: userId,
    browser: client,
    address,
  })
  return {
    began: (session) => logger.info(told(session), 'somebody signed in'),
    ended: (session, by) => logger.info({ ...told(session), by }, 'a session was ended'),
    failed: (user, address) => logger.warn({ user, address }, 'a sign-in failed'),
    invited: (user, by) => logger.info({ user, by }, 'a link to sign in was made'),
    set: (user, by) => logger.info({ user, by }, 'a password was set'),
    linked: (user, { issuer, subject }) =>
      logger.info({ user, issuer, subject }, 'an account was connected with the identity provider'),
    endedElsewhere: (session) => logger.info(told(session), 'the identity provider ended a session'),
    keptRole: (user) =>
      logger.error(
        { user },
        'this person is in no group of administrators any more, and stays one: the lab has no other administrator, or no other full token. Make another one',
      ),
  }
}

/** A proxy whose word does not count: its people see the page to sign in. */
export function ignoredProxyLog(logger: Logger, header: string): (address: string) => void {
  return (address) =>
    logger.warn({ address, header }, 'ignored the name of a person: it came from an address that is not in TRUST_PROXY')
}

export function idlenessLog(logger: Logger): IdlenessLog {
  return {
    acts: (environment, cause) => logger.info({ environment, cause }, `the platform acts: ${causeWords[cause]}`),
    unknown: (environment) =>
      logger.warn(
        { environment },
        'its server, or the engine, does not tell whether it is in use, so it does not count as idle',
      ),
    broken: (environment, err) =>
      logger[isUnwritable(err) ? 'warn' : 'error'](
        { environment, err },
        'a look at its use broke off; it is tried again',
      ),
  }
}

const causeWords = {
  'idle-pause': 'it is paused, nobody uses it',
  'idle-stop': 'it is stopped, nobody uses it',
  'max-runtime': 'it is stopped, it ran for as long as it may',
} as const satisfies Record<Cause, string>

export function logIdleWarning(logger: Logger): (environment: string, warning: Warning) => void {
  return (environment, { action, at, reason }) => logger.info({ environment, action, at }, reason)
}

/** An audit of administrators who open environments of others. */
export function openingsLog(logger: Logger): OpeningsLog {
  return {
    opened: (environment, owner, by) =>
      logger.info({ environment, owner, by }, 'an administrator opened the environment of another person'),
  }
}

export function standingsLog(logger: Logger): StandingsLog {
  return {
    near: (user, words) => logger.warn({ user }, words),
    over: (user, words) => logger.warn({ user }, words),
    back: (user) => logger.info({ user }, 'this folder is well below the limit of its tier again'),
  }
}

/** Each count in a line; what could not be counted is a matter for somebody. */
export function logCount(logger: Logger, { tookMs, full, uncounted }: CountRun): void {
  const missed = uncounted.map(({ tree, reason }) => ({ path: tree && shown(tree), reason }))
  if (missed.length > 0) logger.warn({ full, not_counted: missed }, 'not all folders could be counted')
  else logger.info({ full, took_ms: Math.round(tookMs) }, 'the folders were counted')
}

export function quotasLog(logger: Logger): QuotasLog {
  return {
    holds: (by, reason) =>
      by === 'quota'
        ? logger.info('the file system holds people to the storage of their tiers')
        : logger.info({ reason }, 'only counting holds people to the storage of their tiers'),
    limited: (user, bytes) => logger.info({ user, bytes }, 'the quota of a folder was set'),
    failed: (user, reason) =>
      logger.warn({ user, reason }, 'the quota of a folder could not be set; it is tried again'),
  }
}

/** One line for the end of each job. Only a fault of the service itself is an error. */
export function jobsLog(logger: Logger): JobsLog {
  const told = ({ id, kind, userId, title }: Job) => ({ job: id, kind, user: userId, title })
  return {
    ended: (job) => logger.info({ ...told(job), status: job.status }, 'a job ended'),
    failed: (job, err) => logger[err instanceof Problem ? 'warn' : 'error']({ ...told(job), err }, 'a job failed'),
    notRecorded: (job, err) => logger.warn({ ...told(job), err }, 'the state of a job could not be recorded'),
    notCleared: (job, err) =>
      logger.warn(
        { ...told(job), err },
        'the files that a job had kept could not be removed; the next start tries again',
      ),
  }
}
