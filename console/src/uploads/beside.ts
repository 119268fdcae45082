import { nameBeside } from '../files/name-rules.ts'

const numbersAtMost = 100

/**
 * The first name beside `name` that is not known to be taken. Where that cannot be told, the name is taken into use:
 * the service replaces nothing that nobody agreed to, and says so.
 */
export async function freeBeside(name: string, isTaken: (name: string) => Promise<boolean>): Promise<string> {
  for (let number = 2; number <= numbersAtMost; number += 1) {
    const candidate = nameBeside(name, number)
    if (!(await isTaken(candidate).catch(() => false))) return candidate
  }
  return nameBeside(name, numbersAtMost + 1)
}
