import { test } from 'tap'
import { LEVELS } from '../../schemas/words.ts'
import { severityOfLevel } from '../../src/detect/severity.ts'

test('severity follows the level', async (t) => {
  t.same(LEVELS.map(severityOfLevel), ['LOW', 'LOW', 'LOW', 'MEDIUM', 'HIGH', 'CRITICAL'])
})
