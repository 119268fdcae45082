/**
 * How often a test repeats its one thing, of the whole number of times: all of them if `CI` is set, as in `.ci/run`, and else a
 * fifth. The seeds differ from run to run, so short runs try other instants each time (docs/decisions/0035).
 */
export const rounds = (whole: number): number => (process.env.CI ? whole : Math.ceil(whole / 5))
