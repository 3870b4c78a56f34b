import { test } from 'tap'
import type { Level } from '../../schemas/event.ts'
import { LEVELS } from '../../schemas/words.ts'
import { levelNumber, parseLevel } from '../../src/core/levels.ts'

const SPELLINGS: Record<Level, (string | number)[]> = {
  TRACE: ['trace', 'TRC', 'verbose', 'VRB', 'finest', 'silly', 'T', 'V', 'TRACE3', 10, '10'],
  DEBUG: ['debug', 'Debug', 'dbg', 'fine', 'D', 'DEBUG5', 'D2', 7, 8, '8', 20],
  INFO: ['info', 'INF', 'information', 'Informational', 'notice', 'log', 'I', 'INFO2', 5, 6, 9, 11, 12, 30, '30'],
  WARN: ['warn', 'WARNING', 'Wrn', 'w', 4, 13, 16, 40, '40'],
  ERROR: ['error', 'ERR', 'severe', 'E', 'eror', 'SEVERITY_NUMBER_ERROR2', 3, 17, 19, 50],
  FATAL: ['fatal', 'FTL', 'critical', 'Crit', 'alert', 'emerg', 'emergency', 'panic', 'PNC', 'F', 'c', 0, '0', 1, 2, 21, 24, 60]
}

for (const level of LEVELS) {
  test(`every usual spelling of ${level} is understood`, (t) => {
    for (const spelling of SPELLINGS[level]) t.equal(parseLevel(spelling), level, JSON.stringify(spelling))
    t.end()
  })
}

test('blanks around a level do not matter', (t) => {
  t.equal(parseLevel(' Warning\t'), 'WARN')
  t.end()
})

test('what is no level is not guessed', (t) => {
  const none = ['', ' ', 'success', 'warnings', 'errro', 'level', '-1', '30.0', '0x1e', '25', '70', 'constructor',
    '__proto__', 'info'.repeat(20), -1, 0.5, 25, 70, NaN, Infinity]

  for (const text of none) t.equal(parseLevel(text), undefined, String(text))
  t.end()
})

test('levels are numbered from 1 by weight', (t) => {
  t.same(LEVELS.map(levelNumber), [1, 2, 3, 4, 5, 6])
  t.end()
})
