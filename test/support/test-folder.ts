import type { Test } from 'tap'

type Content = Parameters<Test['testdir']>[0]

/**
 * A folder of the test's own, removed when all that was opened in it is closed. `testdir` alone is removed before what is torn down
 * by handlers that were added after it: under a service that still writes, so that now and then the removal fails and nothing is closed.
 */
export function testFolder (t: Test, content: Content = {}): string {
  // The one that comes first decides: with it, removing comes last.
  t.teardown(() => {})
  return t.testdir(content)
}
