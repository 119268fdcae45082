import type { MachineSample } from '../domain/machine.ts'

/** Keeps how busy the machine was, minute by minute. */
export interface MachineStore {
  /** Records a sample, in the place of an earlier one of the same minute, and removes those from before `keepFrom`. */
  record(sample: MachineSample, options: { keepFrom: number }): Promise<void>
  /** The samples from a time on, the oldest first. */
  since(time: number): Promise<MachineSample[]>
}
