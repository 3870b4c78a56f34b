import { test } from 'tap'
import { pageBytes } from './bytes.ts'

const KB = 1_024

test('the page weighs no more than it may, gzipped', async (t) => {
  const { firstScripts, allScripts, styles, firstFiles } = await pageBytes()

  t.equal(firstFiles, 2, 'one script, and the worker that holds the stream')
  t.ok(firstScripts > 10 * KB, `the scripts of the first view were found: ${firstScripts}`)
  t.ok(firstScripts <= 60 * KB, `the scripts of the first view take ${firstScripts} bytes`)
  t.ok(allScripts <= 110 * KB, `all scripts take ${allScripts} bytes`)
  t.ok(styles <= 12 * KB, `the styles take ${styles} bytes`)
})
