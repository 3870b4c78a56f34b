import { test } from 'tap'
import { evaluate } from '../../src/rules/evaluate.ts'
import { tellTroubles, troublesOf } from '../../src/rules/troubles.ts'
import { aCompiledRule, START, valuesFor } from './support.ts'

test('label sets beyond the cap, reads that fail and counts that are cut are told by the name of the rule', (t) => {
  const rule = aCompiledRule({ name: 'Disks', group_by: ['mount'] })
  const [key = ''] = rule.signal.needs.map((need) => need.key)
  const values = valuesFor(rule, ...Array.from({ length: 103 }, (_, index) => ({ labels: { mount: `/${index}` }, value: 81 })))
  const fine = { values, failures: new Map<string, string>(), incomplete: new Set<string>() }
  const crowded = evaluate([rule], new Map(), { now: START, previousAt: undefined, values })

  const told = [
    troublesOf([rule], fine, { crowded: [] }),
    troublesOf([rule], fine, crowded),
    troublesOf([rule], { ...fine, failures: new Map([[key, 'it took too long']]) }, { crowded: [] }),
    troublesOf([rule], { ...fine, incomplete: new Set([key]) }, { crowded: [] })
  ].map(tellTroubles)

  t.equal(told[0], '')
  t.match(told[1], /^"Disks" has 100 label sets in trouble, which is the most: 3 more get no alert/)
  t.equal(told[2], '"Disks" cannot be measured: it took too long')
  t.match(told[3], /^"Disks" counts too many label sets/)
  t.equal(tellTroubles(['a', 'b', 'c', 'd', 'e', 'f', 'g']), 'a; b; c; d; e; and 2 more')
  t.end()
})

test('a rule that is switched off has no troubles', (t) => {
  const rule = aCompiledRule({ enabled: false })
  const failures = new Map(rule.signal.needs.map(({ key }) => [key, 'gone']))

  t.same(troublesOf([rule], { values: new Map(), failures, incomplete: new Set() }, { crowded: [] }), [])
  t.end()
})
