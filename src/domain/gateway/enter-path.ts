/** Where the platform hands a person over to an environment, with a code in the query. `base` is of `EnvironmentsUrl`. Pure. */
export function enterPath(base: string): string {
  return `${base}.ai-lab/enter`
}
