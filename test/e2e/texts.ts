const DEEP_LEGAL = 30
const DEEP = 100_000

/** JSON values that are right; each must come back as the same value. The kind of each is named after the grammar of RFC 8259. */
export const rightValues: readonly string[] = [
  '[]', '{}', '""', 'null', 'true', 'false', '0', '-0', '-1', '1.5', '-0.25', '1e5', '1E5', '1e+2', '1e-2', '1.5e3', '0.1',
  '[1,2,3]', '[ 1 , 2 ]', '[\n1\t]', '[[],{}]', '[null,1,"1",{}]', '{"a":1}', '{ "a" : 1 }', '{"":0}', '{"a":{"b":[{}]}}', '{"a":1,"b":2}', '{"a":null}',
  '"a"', '"\\u0061"', '"\\"\\\\\\/\\b\\f\\n\\r\\t"', '"\\u2028\\u2029"', '"\u2028\u2029"', '"\\uD83E\\uDD8A"', '"🦊"', '"é"', '"e\u0301"',
  '"\\u00e9"', '"\u007f"', '"\\uFFFD"', '"\uFDD0"', '"\\u0001"', '"/"', '"\\/"', '"a\\u000ab"', '"\u00a0"', '"\\uFEFF"',
  '{"__proto__":{"x":1}}', '{"constructor":1,"toString":2}', '{"a b":1,"c.d":2,"e/f":3,"g~h":4}', '[1.0]', '["2018-01-01"]',
  `${'['.repeat(DEEP_LEGAL - 2)}${']'.repeat(DEEP_LEGAL - 2)}`
]

/** Numbers that a double cannot hold; each must come back digit by digit. */
export const exactNumbers: readonly string[] = [
  '9007199254740993', '-9007199254740993', '12345678901234567890', '123456789012345678901234567890', '0.1234567890123456789', '3.14159265358979323846264338327950288'
]

/** Texts that are not JSON at the place of a value; each must be 400. */
export const wrongValues: readonly string[] = [
  '', 'NaN', 'Infinity', '-Infinity', 'undefined', 'nul', 'True', 'FALSE', "'a'", 'a', '+1', '.5', '1.', '01', '-01', '-', '--1', '1e', '1e+', '1.e1', '0x10', '1_000', '1 000', '-NaN', '１',
  '"', '"a', 'a"', '"\n"', '"\t"', '"\u0000"', '"\\x41"', '"\\u12"', '"\\u123g"', '"\\uD83E\\u"', '"\\a"', '"\\"', '"\\', '"\u001f"', '"a" "b"',
  '[', ']', '[1', '[1,', '[1,]', '[,1]', '[1,,2]', '[1 2]', '[1;2]', '[1}', '[a]', '[1]]', '[-]', '[*]', '["a",\n4\n,1,', '[\u000b1]', '[1\u00a0]',
  '{', '{"a"', '{"a":', '{"a":}', '{"a":1', '{"a":1,', '{"a":1,}', '{,}', '{"a" 1}', '{"a"::1}', '{a:1}', "{'a':1}", '{1:1}', '{"a":1 "b":2}', '{"a":1]', '{"a":1}}', '{"a":/*c*/1}', '{"a":1}//c', '{"a":"b",,"c":0}',
  '\ufeff1', '<null>', '1;', '⍂', '1e400', '-1e400', '['.repeat(DEEP), '{"a":'.repeat(DEEP)
]

/** Arrays of no events: nothing is wrong with them, and nothing is stored. */
export const emptyBodies: readonly string[] = ['[]', ' [ ] ', '[\n]']

/** Whole bodies that hold no event; each must be 400. */
export const wrongBodies: readonly (string | Buffer)[] = [
  '', ' ', '\n', '5', '-1', 'null', 'true', '"x"', '["x"]', '[null]', '[5]', '[[]]', '{}', '[{}]', '{"a":1}', '{"message":null}', '{"message":""}',
  '{"message":"a"}{"message":"b"}', '{"message":"a"},', '{"message":"a"', '[{"message":"a"},]', '{"message":"a","meta":5}', '{"message":"a","meta":[]}', '{"message":"a","meta":"x"}',
  Buffer.from([0x7b, 0x22, 0xff, 0xfe, 0x22, 0x7d]), Buffer.from('{"message":"\xe9"}', 'latin1'), Buffer.from('{"message":"a"}', 'utf16le'), Buffer.from([0xed, 0xa0, 0x80]), Buffer.from([0x00]), Buffer.from([0xef, 0xbb, 0xbf])
]

/** Where the grammar leaves a choice: stored or refused, and never a fault of the service. */
export const openBodies: readonly (string | Buffer)[] = [
  '{"message":5}', '{"message":[]}', '{"message":{}}', '{"message":"a","time":"yesterday"}', '{"message":"a","level":[5]}',
  '\ufeff{"message":"with a mark"}', '{"message":"a","message":"b"}', '{"message":"a","meta":{"x":1,"x":2}}', '{"message":"a","meta":{"v":-0.0}}', '{"message":"a","meta":{"v":1e-400}}', '{"message":"\\uDC00\\uD800"}',
  '{"message":"a","meta":{"v":1.7976931348623159e308}}', `{"message":"a","meta":${'{"a":'.repeat(500)}1${'}'.repeat(500)}}`, '{"message":"\uFFFE\uFFFF"}', '{"__proto__":{"message":"a"}}', '{"message":"a","__proto__":null}'
]

/** Text that breaks programs. Well-formed: each must come back as it was sent. */
export const naughty: readonly string[] = [
  'undefined', 'null', 'NULL', 'nil', 'true', '0', '-1', '1e1000', 'NaN', '[object Object]', '__proto__', 'constructor', 'hasOwnProperty', 'toString', 'prototype', '{}', '[]', '""', "''", '\\', '\\\\', '"', "'", '`',
  "' OR 1=1 --", "'; DROP TABLE events; --", '" OR ""="', "1' UNION SELECT sql FROM sqlite_schema --", '%', '%%%', '_', '%s%n%x', '$1', '$' + '{7*7}', '{{7*7}}', '#{7*7}', '<%= 7 %>', '$(id)', '`id`', '| cat', '&& true', '; ls',
  '<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'javascript:alert(1)', '<!--', ']]>', '&amp;', '&#0;', '\u2028', '\u2029',
  '../../etc/passwd', '..\\..\\x', 'C:\\con', 'file:///etc/passwd', 'http://[::1]/', 'a'.repeat(255), 'ä'.repeat(255),
  ' leading', 'trailing ', '\ttab\t', 'line\nbreak', 'car\rriage', '\r\n', '\u000b\u000c', '\u0001\u001b[31mred\u001b[0m\u0007', '\u007f', '\u0085', '\u00a0', '\u200b', '\u200e\u202e right to left', '\ufeff', '\u00ad', '\ufffd', '\ufffe\uffff',
  'crème brûlée', 'e\u0301 against é', 'ﬀ ligature', 'İstanbul ı', 'straße STRASSE', 'ΑΒΓ ς σ', 'Ω Ω', 'å Å', '田中さん', '한국어 한글', 'ภาษาไทย', 'اَلْعَرَبِيَّةُ', 'שָׁלוֹם', 'हिन्दी', '𝒳𝓎𝓏', '𠜎𠜱', '🦊🏳️‍🌈👩‍👩‍👧', '\u{10ffff}', 'Z̸̢͎a̷͈l̸g̵o̶', '１２３', '①②', '½',
  'AND', 'OR', 'NOT', 'NEAR(a b)', 'a AND', 'OR OR', '-', '--', '-a', '+a', 'a*', '*', '**', '(', ')', '((', 'a:b', ':', 'level:', 'level:x', 'meta.', 'meta..a', 'message:*', 'a~', '~', '>=', 'level>=', '"unended', '\\"', 'a"b"c', '^a', '{a}', '@x', '#x', 'x,y', 'http://x', '12:30:01', '!!', '😀:😀'
]

/** Text that is not well-formed, or holds a NUL: each must be refused with the path. */
export const illFormed: readonly string[] = ['a\u0000b', '\u0000', '\ud800', 'a\udc00', '\udc00\ud800', 'x\ud83e', '\ud83e\ud83e\udd8a']
