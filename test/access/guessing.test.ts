import { test } from 'tap'
import { whyGuessable } from '../../src/access/guessing.ts'

const GOOD = 'four plain words do'

test('blanks, full stops, commas, hyphens and underscores between its parts make a password no better', async (t) => {
  for (const between of [' ', '.', ',', '-', '_', ' - ']) t.match(whyGuessable(['1234', '5678', '9012'].join(between), 'ann'), /commonly used/, between)
})

test('the parts of the own name are words that are guessed', async (t) => {
  t.equal(whyGuessable('Grimble-Vontopp', 'ann'), undefined)
  t.match(whyGuessable('Grimble-Vontopp', 'grimble.vontopp@example'), /^It is made of the username/)
})

test('no more than 64 letters of a password are looked at, whatever comes after', async (t) => {
  t.equal(whyGuessable(`${'x'.repeat(64 - GOOD.length)}${GOOD}`, 'ann'), undefined)
  t.match(whyGuessable(`${'x'.repeat(64)}${GOOD}`, 'ann'), /characters like "aaa"/)
})
