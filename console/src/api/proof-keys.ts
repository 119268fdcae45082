/** The keys of the queries whose answers change with the proof of the data root. */
export const proofKeys = [['consistency'], ['health'], ['orphans']] as const
