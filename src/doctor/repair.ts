import type { Fix } from '../domain/doctor/fix.ts'
import type { Repairs } from '../ports/site.ts'

export type Repaired = { fix: Fix; status: 'done' | 'failed'; detail: string }

type SetSetting = Extract<Fix, { kind: 'set-setting' }>
type Other = Exclude<Fix, SetSetting>

/** Makes the repairs one by one, except that changes of one settings file go together. Gives the result of each. */
export async function repair(fixes: readonly Fix[], repairs: Repairs): Promise<Repaired[]> {
  const files = Map.groupBy(fixes.filter(isSetSetting), ({ file }) => file)
  const done: Repaired[] = []
  for (const [file, settings] of files) {
    const values = Object.fromEntries(settings.map(({ name, to }) => [name, to]))
    const outcome = await outcomeOf(async () => {
      const backup = await repairs.changeSettings(file, values)
      return `The old file is ${backup}. Start the backend again: only then does the change count.`
    })
    done.push(...settings.map((fix) => ({ fix, ...outcome })))
  }
  for (const fix of fixes) {
    if (!isSetSetting(fix)) done.push({ fix, ...(await outcomeOf(() => carryOut(fix, repairs))) })
  }
  return done
}

function isSetSetting(fix: Fix): fix is SetSetting {
  return fix.kind === 'set-setting'
}

async function outcomeOf(work: () => Promise<string>): Promise<Pick<Repaired, 'status' | 'detail'>> {
  try {
    return { status: 'done', detail: await work() }
  } catch (error) {
    return { status: 'failed', detail: error instanceof Error ? error.message : String(error) }
  }
}

async function carryOut(fix: Other, repairs: Repairs): Promise<string> {
  switch (fix.kind) {
    case 'make-settings':
      await repairs.makeSettings(fix.file, fix.example, fix.values)
      return `Look through ${fix.file}; a setting that it leaves out has its default.`
    case 'set-mode':
      await repairs.setMode(fix.path, fix.from, fix.to)
      return 'What is in it stays as it is.'
    case 'set-owner':
      await repairs.setOwner(fix.path, fix.from, fix.to)
      return 'What is in it stays as it is.'
    default:
      return fix satisfies never
  }
}
