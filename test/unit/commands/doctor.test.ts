import { expect, test } from 'vitest'
import { type Doctor, runDoctor } from '../../../src/commands/doctor.ts'
import { type Check, note, problem, worst } from '../../../src/domain/doctor/check.ts'

const fix = { kind: 'set-mode', path: '/srv/lab/admin', from: 0o755, to: 0o700 } as const

async function fixWithNobodyToAsk(check: Check): Promise<{ code: number; said: string }> {
  const doctor: Doctor = {
    examine: async () => ({ status: worst([check]), checks: [check], fixes: check.fixes }),
    repair: async () => [],
  }
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  const code = await runDoctor(doctor, { fix: true }, { say, complain: say })
  return { code, said: said.join('\n') }
}

// Trouble (doctor): "Nothing is wrong", and then a repair is offered and the exit code is 1
test('where nothing is wrong, --fix with nobody to ask says so and ends with 0', async () => {
  const { code, said } = await fixWithNobodyToAsk(note('settings', { summary: 'There is no file.', fixes: [fix] }))
  expect(code).toBe(0)
  expect(said).toContain('Nothing is wrong.')
  expect(said).toContain('Nothing needs a repair. If you like, --fix can')
})

// Trouble (doctor): the data root is gone, and "--fix can repair some of it", which only adds a production.env
test('a fix that repairs none of the faults is not offered as a repair', async () => {
  const checks = [problem('data-root', 'It is gone.'), note('settings', { summary: 'No file.', fixes: [fix] })]
  const doctor: Doctor = { examine: async () => ({ status: 'problem', checks, fixes: [fix] }), repair: async () => [] }
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  await runDoctor(doctor, {}, { say, complain: say })
  expect(said.join('\n')).not.toContain('can repair some of it')
  await runDoctor(doctor, { fix: true }, { say, complain: say })
  expect(said.join('\n')).toContain('Nothing of this can be repaired by --fix. If you like, --fix can')
})

test('where something is wrong, --fix with nobody to ask ends with 1', async () => {
  const { code, said } = await fixWithNobodyToAsk(problem('owners', { summary: 'admin/ is open.', fixes: [fix] }))
  expect(code).toBe(1)
  expect(said).toContain('--fix would')
})
