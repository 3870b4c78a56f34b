import { gzipSync } from 'node:zlib'
import type { BrowserContext, CDPSession } from 'playwright-core'
import { build } from 'esbuild'
import { ROOT } from '../src/core/root.ts'
import { interleaved, print } from './report.ts'

const POINTS = 100_000
const HOST = 'http://bench.invalid/'
/** Both draw what `series` holds into `#box`, 1,000 by 300 px, with a time axis and one line. */
const SERIES = `
  const from = Date.UTC(2026, 0, 1)
  const times = Array.from({ length: ${POINTS} }, (_, at) => from + at * 100)
  const values = times.map((_, at) => 50 + 30 * Math.sin(at / 900) + (at * 7919 % 97) / 10)
  const to = times[times.length - 1]
`
const OURS = `
  import { render } from 'preact'
  import { Chart } from './dashboard/ui/chart.tsx'
  ${SERIES}
  globalThis.draw = () => { const box = document.getElementById('box'); render(null, box); render(<Chart name='Load' unit={null} points={{ times, values }} range={{ from, to }} height={300} />, box) }
`
const THEIRS = `
  import { Chart, Decimation, LinearScale, LineController, LineElement, PointElement } from 'chart.js'
  Chart.register(Decimation, LinearScale, LineController, LineElement, PointElement)
  ${SERIES}
  const data = times.map((x, at) => ({ x, y: values[at] }))
  let chart
  globalThis.draw = () => {
    chart?.destroy()
    document.getElementById('box').innerHTML = '<canvas></canvas>'
    chart = new Chart(document.querySelector('canvas'), {
      type: 'line',
      data: { datasets: [{ data, pointRadius: 0, borderWidth: 1.5 }] },
      options: { animation: false, parsing: false, normalized: true, maintainAspectRatio: false, scales: { x: { type: 'linear' } }, plugins: { decimation: { enabled: true, algorithm: 'min-max' } } }
    })
  }
`
/** What both are measured without: the page has it anyway. */
const SHARED = ['preact', 'preact/*', '@preact/signals']

/** Bytes of our chart and of Chart.js, and the main thread's work of drawing the same 100,000 points, in one browser. */
export async function benchChart (context: BrowserContext): Promise<void> {
  const [ours, theirs] = await Promise.all([bundled(OURS), bundled(THEIRS)])
  const alone = await bundled("export { Chart } from './dashboard/ui/chart.tsx'", SHARED)
  const bytes = { ours: gzipSync(alone).length, 'with Preact': gzipSync(ours).length, 'Chart.js': gzipSync(theirs).length }
  print('bytes of the chart against Chart.js 4', bytes.ours / bytes['Chart.js'], { target: 'at most 0.33', medians: bytes, unit: 'B' })
  const drawing = { ours: await drawer(context, ours), 'Chart.js': await drawer(context, theirs) }
  const ms = await interleaved(drawing)
  print(`drawing ${POINTS} points against Chart.js 4`, ms.ours / ms['Chart.js'], { target: 'at most 0.2, under 200 ms', medians: ms, unit: 'ms' })
}

async function bundled (contents: string, external: string[] = []): Promise<string> {
  const { outputFiles: [file] } = await build({ stdin: { contents, resolveDir: ROOT, loader: 'tsx' }, external, bundle: true, format: 'esm', minify: true, legalComments: 'none', jsx: 'automatic', jsxImportSource: 'preact', write: false })
  return file?.text ?? ''
}

async function drawer (context: BrowserContext, script: string): Promise<() => Promise<number>> {
  const page = await context.newPage()
  await page.route('**/*', (route) => route.fulfill({ contentType: 'text/html', body: '<!doctype html><body><div id="box" style="width:1000px;height:300px"></div>' }))
  await page.goto(HOST)
  await page.addScriptTag({ content: script, type: 'module' })
  const session = await context.newCDPSession(page)
  await session.send('Performance.enable')
  return async () => {
    await page.bringToFront()
    const before = await taskMs(session)
    await page.evaluate('new Promise((resolve) => { draw(); requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(resolve))) })')
    return await taskMs(session) - before
  }
}

/** The work of the main thread since it was enabled: scripts, layout, paint. */
export async function taskMs (session: CDPSession): Promise<number> {
  return await metric(session, 'TaskDuration') * 1_000
}

export async function metric (session: CDPSession, name: string): Promise<number> {
  const { metrics } = await session.send('Performance.getMetrics')
  return metrics.find((one) => one.name === name)?.value ?? NaN
}
