import type { Proof } from '../domain/proof/proof.ts'

/**
 * Calls `onReplaced` when two proofs in a row say that another data root was put in the place of this one. One such proof may be wrong:
 * the doctor's proof of the same root touches the same markers, and may hide two touches of the service from the engine.
 */
export function createConfirmReplaced(deps: {
  proveAgain: () => Promise<Proof>
  onReplaced: () => void
}): (proof: Proof) => void {
  const { proveAgain, onReplaced } = deps
  let saidSo = false
  return ({ findings }) => {
    const saysSo = findings.some(({ code }) => code === 'data-root-replaced')
    if (saysSo && saidSo) onReplaced()
    else if (saysSo) proveAgain().catch(() => {}) // without an answer of the engine, a later proof decides
    saidSo = saysSo
  }
}
