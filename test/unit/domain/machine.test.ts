import { expect, test } from 'vitest'
import { cpuPercent, memoryIn } from '../../../src/domain/machine.ts'

test('the processor is as busy as its cores were between two readings', () => {
  expect(cpuPercent({ busy: 100, idle: 900 }, { busy: 150, idle: 1050 })).toBe(25)
  expect(cpuPercent({ busy: 0, idle: 0 }, { busy: 10, idle: 0 })).toBe(100)
  expect(cpuPercent({ busy: 5, idle: 5 }, { busy: 5, idle: 5 })).toBe(0)
})

// Trouble (worst): a core is taken from the machine between two readings
test('a processor whose counters went back tells nothing', () => {
  expect(cpuPercent({ busy: 100, idle: 900 }, { busy: 60, idle: 1000 })).toBe(0)
})

test('memory that the page cache holds counts as free', () => {
  const meminfo = 'MemTotal:       16000 kB\nMemFree:          100 kB\nMemAvailable:    12000 kB\n'
  expect(memoryIn(meminfo)).toEqual({ usedBytes: 4000 * 1024, totalBytes: 16_000 * 1024 })
  expect(memoryIn('')).toBeNull()
})
