export interface JsonCase {
  name: string
  body: string | Buffer
}

/** What every reader must take (RFC 8259). */
export const GOOD: readonly JsonCase[] = [
  { name: 'an empty array', body: '[]' },
  { name: 'an empty object', body: '{}' },
  { name: 'blanks of all four kinds around everything', body: ' \t\r\n[ \t\r\n1 \t\r\n, \t\r\n2 \t\r\n] \t\r\n' },
  { name: 'an array in arrays', body: '[[[[]]]]' },
  { name: 'an array ended by a newline', body: '["a"]\n' },
  { name: 'null, true and false', body: '[null, true, false]' },
  { name: 'a lone string', body: '"text"' },
  { name: 'a lone number', body: '42' },
  { name: 'a lone literal', body: 'null' },
  { name: 'zero, minus zero and a fraction', body: '[0, -0, 0.5, -0.0]' },
  { name: 'exponents in all spellings', body: '[1e2, 1E2, 1e+2, 1E-2, 0e1, 0E+1, 1.5e3]' },
  { name: 'a long integer', body: '[123456789012345678901234567890]' },
  { name: 'an escape of every kind', body: '["\\" \\\\ \\/ \\b \\f \\n \\r \\t"]' },
  { name: 'an escaped NUL', body: '["\\u0000"]' },
  { name: 'escapes in both cases', body: '["\\u00e9\\u00E9"]' },
  { name: 'a surrogate pair', body: '["\\uD83D\\uDE00"]' },
  { name: 'an escaped backslash before u', body: '["\\\\u0000"]' },
  { name: 'an escaped quote at the end', body: '["a\\""]' },
  { name: 'U+2028 and U+2029', body: '["\u2028\u2029"]' },
  { name: 'U+007F and noncharacters', body: '["\u007F\uFFFF\u{10FFFF}"]' },
  { name: 'four-byte characters', body: '["\u{1F600}\u{1D11E}"]' },
  { name: 'an empty name', body: '{"": 0}' },
  { name: 'a name sent twice', body: '{"a": 1, "a": 2}' },
  { name: 'a name with escapes', body: '{"a\\u0062\\n": 1}' },
  { name: 'names like those of every object', body: '{"__proto__": 1, "constructor": 2, "toString": 3}' },
  { name: 'quotes and brackets in strings', body: '{"a": "[{\\"}]", "b": "]"}' }
]

/** What no reader may take. */
export const BAD: readonly JsonCase[] = [
  { name: 'nothing', body: '' },
  { name: 'a blank', body: ' ' },
  { name: 'an array left open', body: '[1' },
  { name: 'an array left open after a comma', body: '[1,' },
  { name: 'an array that ends with a comma', body: '[1,]' },
  { name: 'an array that starts with a comma', body: '[,1]' },
  { name: 'two commas', body: '[1,,2]' },
  { name: 'no comma', body: '[1 2]' },
  { name: 'a colon for a comma', body: '["a": 1]' },
  { name: 'a closer too many', body: '[1]]' },
  { name: 'the wrong closer', body: '[1}' },
  { name: 'an object left open', body: '{"a": 1' },
  { name: 'an object that ends with a comma', body: '{"a": 1,}' },
  { name: 'an object with two commas', body: '{"a": 1,,"b": 2}' },
  { name: 'no colon', body: '{"a" 1}' },
  { name: 'two colons', body: '{"a":: 1}' },
  { name: 'no value', body: '{"a":}' },
  { name: 'a name alone', body: '{"a"}' },
  { name: 'a name without quotes', body: '{a: 1}' },
  { name: 'a name in single quotes', body: "{'a': 1}" },
  { name: 'a number for a name', body: '{1: 1}' },
  { name: 'text after the end', body: '{} {}' },
  { name: 'a comment', body: '[1 /* one */]' },
  { name: 'a line comment', body: '// a\n[]' },
  { name: 'NaN', body: '[NaN]' },
  { name: 'Infinity', body: '[Infinity]' },
  { name: 'minus Infinity', body: '[-Infinity]' },
  { name: 'a literal in capitals', body: '[True]' },
  { name: 'a cut literal', body: '[tru]' },
  { name: 'a literal with a tail', body: '[nullx]' },
  { name: 'undefined', body: '[undefined]' },
  { name: 'a plus sign', body: '[+1]' },
  { name: 'a leading zero', body: '[01]' },
  { name: 'a leading zero after a minus', body: '[-01]' },
  { name: 'a leading point', body: '[.5]' },
  { name: 'a point at the end', body: '[1.]' },
  { name: 'a point before an exponent', body: '[1.e1]' },
  { name: 'an exponent without digits', body: '[1e]' },
  { name: 'an exponent with a sign alone', body: '[1e+]' },
  { name: 'a minus alone', body: '[-]' },
  { name: 'a blank after the minus', body: '[- 1]' },
  { name: 'two points', body: '[1.2.3]' },
  { name: 'a hexadecimal number', body: '[0x1F]' },
  { name: 'digits in groups', body: '[1_000]' },
  { name: 'full-width digits', body: '[\uFF11]' },
  { name: 'a string left open', body: '["a]' },
  { name: 'a string in single quotes', body: "['a']" },
  { name: 'a tab in a string', body: '["\t"]' },
  { name: 'a newline in a string', body: '["\n"]' },
  { name: 'a NUL in a string', body: '["\0"]' },
  { name: 'an unknown escape', body: '["\\x41"]' },
  { name: 'an escape cut by the end', body: '["\\' },
  { name: 'a short unicode escape', body: '["\\u00A"]' },
  { name: 'a unicode escape that is not hexadecimal', body: '["\\u00G0"]' },
  { name: 'an escape in capitals', body: '["\\N"]' },
  { name: 'an escape outside of a string', body: '[\\n]' },
  { name: 'a form feed as blank', body: '[\f]' },
  { name: 'a no-break space as blank', body: '[\u00A0]' },
  { name: 'a zero-width byte order mark in the middle', body: '[\uFEFF1]' },
  { name: 'a lone comma', body: ',' },
  { name: 'a lone closer', body: ']' },
  { name: 'a markup language', body: '<a/>' }
]

/** Where the standard leaves the choice: what is taken, and as what. */
export const CHOSEN_GOOD: ReadonlyArray<JsonCase & { same: string }> = [
  { name: 'an integer beyond 2^53 stays as it is', body: '[9007199254740993]', same: '[9007199254740993]' },
  { name: 'a negative integer beyond 64 bits', body: '[-123123123123123123123123123123]', same: '[-123123123123123123123123123123]' },
  { name: 'a decimal with too many digits', body: '[0.1234567890123456789]', same: '[0.1234567890123456789]' },
  { name: 'a number that would become zero', body: '[123e-10000000]', same: '[123e-10000000]' },
  { name: 'a lone first surrogate is left to the check of texts', body: '["\\uD800"]', same: '["\\ud800"]' },
  { name: 'a lone second surrogate too', body: '["\\uDC00a"]', same: '["\\udc00a"]' },
  { name: 'surrogates the wrong way round', body: '["\\uDE00\\uD83D"]', same: '["\\ude00\\ud83d"]' },
  { name: '500 arrays in one another', body: '['.repeat(500) + ']'.repeat(500), same: '['.repeat(500) + ']'.repeat(500) },
  { name: 'the last of two values with one name', body: '{"a": 1, "a": 2}', same: '{"a":2}' }
]

/** Where the standard leaves the choice: what is refused. */
export const CHOSEN_BAD: readonly JsonCase[] = [
  { name: 'a number beyond the range of a double', body: '[1e400]' },
  { name: 'a negative one', body: '[-1e400]' },
  { name: 'one with an exponent beyond all', body: '[0.4e00669999999999999999999999999999999999999999999999999999999999969999999006]' },
  { name: 'one of 400 digits', body: `[${'9'.repeat(400)}]` },
  { name: '501 arrays in one another', body: '['.repeat(501) + ']'.repeat(501) },
  { name: '100,000 open brackets', body: '['.repeat(100_000) },
  { name: 'nothing but empty objects', body: `[${'{},'.repeat(200_000)}1]` },
  { name: 'open objects without end', body: '{"a":'.repeat(50_000) }
]

/** Bytes that are no UTF-8, with the first byte that is wrong. */
export const NOT_UTF8: ReadonlyArray<JsonCase & { at: number }> = [
  { name: 'a lone continuation byte', body: Buffer.from('5b2280225d', 'hex'), at: 2 },
  { name: 'a character cut short', body: Buffer.from('5b22e282225d', 'hex'), at: 2 },
  { name: 'an overlong slash', body: Buffer.from('5b22c0af225d', 'hex'), at: 2 },
  { name: 'an encoded surrogate', body: Buffer.from('5b22eda080225d', 'hex'), at: 2 },
  { name: 'beyond U+10FFFF', body: Buffer.from('5b22f4bfbfbf225d', 'hex'), at: 2 },
  { name: 'Latin-1', body: Buffer.from('["caf\u00E9"]', 'latin1'), at: 5 },
  { name: 'UTF-16 with a byte order mark', body: Buffer.from('\uFEFF["a"]', 'utf16le'), at: 0 }
]
