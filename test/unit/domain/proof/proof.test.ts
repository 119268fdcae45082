import { expect, test } from 'vitest'
import { findingsText, unfinishedFinding } from '../../../../src/domain/proof/proof.ts'

test.each([
  ['Could not inspect it: connection refused', 'connection refused. Check'],
  ['The engine does not answer.', 'The engine does not answer. Check'],
  ['is the disk mounted?', 'is the disk mounted? Check'],
])('what to do begins after the end of a sentence, whatever words the engine had: %j', (reason, expected) => {
  expect(findingsText([unfinishedFinding('/lab', reason)])).toContain(expected)
})
