import { expect, test } from 'vitest'
import { isFileTarget, towardsNginx } from '../../../../src/domain/gateway/offload.ts'

test.each([
  '/env/a/files/x',
  '/env/a/files/data/a%20b.bin?download=1',
  '/env/a/files/x?next=../y',
  '/env/a/files/a.b.c',
])('%s is a file', (target) => {
  expect(isFileTarget(target)).toBe(true)
})

test.each([
  '/env/a/lab',
  '/env/a/files',
  '/env/a/files/',
  '/env/a/files?x=/env/a/files/x',
  '/files/x',
  '/env/a/b/files/x',
  '/x/env/a/files/x',
  '/env/a/files/../lab',
  '/env/a/files/..',
  '/env/a/files/%2e%2E/lab',
  '/env/a/files/.%2e/lab',
  '/env/a/files/x%2f..%2flab',
  '/env/a/files/x%5Clab',
  '/env/a/files/x\\lab',
  '/env/a/files//lab',
  '/env/a/files/x%00.bin',
])('%s is none, or may lead elsewhere', (target) => {
  expect(isFileTarget(target)).toBe(false)
})

test('nginx learns where the file is, and the secret', () => {
  expect(towardsNginx({ host: '10.0.0.7', port: 8888 }, '/env/a/files/x?y', 's3cret')).toEqual({
    'x-accel-redirect': '@ai_lab_offload',
    'x-ai-lab-address': '10.0.0.7:8888',
    'x-ai-lab-target': '/env/a/files/x?y',
    'x-ai-lab-authorization': 'token s3cret',
  })
})
