import type { Level } from '../../../schemas/event.ts'
import { parseLevel } from '../../core/levels.ts'

/** A head, and its level where the first group does not name it. `end` is what of it was read: the time may follow. */
type Phrase = readonly [head: RegExp, level?: Level]

/** Heads that no rule covers, of tools and runtimes. */
const PHRASES: readonly Phrase[] = [
  // klog and glog: E1008 12:00:00.000000    1234 file.go:12] x
  [/([IWEF])(?=\d{4} [\d:.]+ +\d+ [^\s:]+:\d+\])/y],
  // logcat: E/Tag( 1234): x, and behind its time: 1234  1234 E Tag: x
  [/([VDIWEF])\/[^\s(:]{1,60}(?:\s*\(\s*\d+\))?:/y],
  [/\d{1,6} +\d{1,6} ([VDIWEF])(?= \S)/y],
  // Ruby: E, [2025-10-08T12:00:00 #1] ERROR -- shop: x; CUPS: E [08/Oct/2025:12:00:00 +0000] x
  [/([DIWEF]),? \[(?=\d)/y],
  // Monolog: shop.ERROR: x
  [/[\w-]{1,60}\.(DEBUG|INFO|NOTICE|WARNING|ERROR|CRITICAL|ALERT|EMERGENCY): /y],
  // npm error code E404, npm ERR! code E404
  [/p?npm (ERR|error|WARN|warn|notice|info|http|verb|verbose|sill|silly)!? /y],
  // An object as Node's console shows it.
  [/\{ (?:\w{1,40}: (?:'[^']{0,80}'|[\w.]{1,40}), ){0,3}level: '(\w{1,20})'/y],
  [/(?:PHP F|F|f)atal error: /y, 'FATAL'],
  [/PHP (?:\w+ ){0,2}[Ee]rror: /y, 'ERROR'],
  [/PHP Warning: /y, 'WARN'],
  [/Traceback \(most recent call last\)/y, 'ERROR'],
  [/Exception in thread "/y, 'ERROR'],
  [/(?:Uncaught|Unhandled) (?:\S+ ){0,3}(?:\w*Error|\w*Exception|exception|error|rejection)\b/y, 'ERROR'],
  [/thread '[^']{1,60}' (?:\(\d+\) )?panicked at /y, 'FATAL']
]

/** `TypeError: x`, `Error [ERR_X]: x`, `java.io.IOException: x`: the class of an error, which no prose has. */
const ERROR_CLASS = /(?:^|[\s\uE000:])(?:(?:[A-Za-z_$][\w$]{0,60}\.){0,8}[A-Z][\w$]{0,80}(?:Error|Exception)|^Error)(?: \[\w{1,60}\])?:(?:\s|$)/
const WARNING_CLASS = /(?:^|[\s\uE000:)])(?:\w{1,60}\.){0,8}(?:[A-Z]\w{0,60})?Warning: /
/** Where the class of an error is looked for: prose may tell of one later. */
const NEAR = 100

/** Reads a head that is known as a whole, at a place of the text, and tells where it ends. */
export function readPhrase (text: string, at: number): { level: Level, end: number } | undefined {
  for (const [pattern, fixed] of PHRASES) {
    pattern.lastIndex = at
    const found = pattern.exec(text)
    const level = found === null ? undefined : fixed ?? parseLevel(found[1] ?? '')
    if (level !== undefined) return { level, end: pattern.lastIndex }
  }
}

/** Tells an error, or a warning of a runtime, by its class: for lines that tell no level. */
export function levelOfFailure (head: string): Level | undefined {
  const near = head.slice(0, NEAR)
  if (ERROR_CLASS.test(near)) return 'ERROR'
  return WARNING_CLASS.test(near) ? 'WARN' : undefined
}
