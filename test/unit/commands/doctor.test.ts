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

// Trouble (doctor): the doctor says "Nothing is wrong", then offers a repair and ends with exit code 1
test('--fix without a terminal ends with 0 if nothing is wrong, and says so', async () => {
  const { code, said } = await fixWithNobodyToAsk(note('settings', { summary: 'There is no file.', fixes: [fix] }))
  expect(code).toBe(0)
  expect(said).toContain('Nothing is wrong.')
  expect(said).toContain('Nothing needs a repair. If you like, --fix can')
})

// Trouble (doctor): the data root is gone, and the doctor offers a repair that only adds a production.env
test('the doctor does not offer a fix as a repair if it repairs none of the faults', async () => {
  const checks = [problem('data-root', 'It is gone.'), note('settings', { summary: 'No file.', fixes: [fix] })]
  const doctor: Doctor = { examine: async () => ({ status: 'problem', checks, fixes: [fix] }), repair: async () => [] }
  const said: string[] = []
  const say = (text: string) => void said.push(text)
  await runDoctor(doctor, {}, { say, complain: say })
  expect(said.join('\n')).not.toContain('can repair some of it')
  await runDoctor(doctor, { fix: true }, { say, complain: say })
  expect(said.join('\n')).toContain('Nothing of this can be repaired by --fix. If you like, --fix can')
})

test('--fix without a terminal ends with 1 if something is wrong', async () => {
  const { code, said } = await fixWithNobodyToAsk(problem('owners', { summary: 'admin/ is open.', fixes: [fix] }))
  expect(code).toBe(1)
  expect(said).toContain('--fix would')
})
