import type { AddressInfo } from 'node:net'
import type { RunHandle } from '../pipeline/run/run-handle.ts'
import { RunViews } from '../pipelines/run-views.ts'
import { openPage } from '../page/page-bundle.ts'
import { AppError } from '../core/errors.ts'

interface Closable {
  close: () => Promise<void>
}

/** The page of a run, served to this machine while it goes on and after it. */
export class RunDashboard {
  readonly #app: Closable
  readonly #address: string

  private constructor (app: Closable, address: string) {
    this.#app = app
    this.#address = address
  }

  /** Throws `invalid` for a port that is taken. */
  static async open (id: string, run: RunHandle, port: number): Promise<RunDashboard> {
    const { buildRunApp } = await import('../../plugins/run-app.ts')
    const views = new RunViews(new Map([[id, { look: () => run.look(), details: () => run.details() }]]))
    const app = await buildRunApp({ runs: views, page: openPage({ log: { info: () => {} } }) })
    try {
      await app.listen({ host: '127.0.0.1', port })
    } catch (error) {
      run.stop()
      throw new AppError('invalid', `cannot serve the page at port ${port}: ${Object(error).code === 'EADDRINUSE' ? 'it is taken; name another with --dashboard-port' : String(error)}`)
    }
    const address = `http://127.0.0.1:${portOf(app.server.address())}`
    process.stderr.write(`page: ${address}\n`)
    return new RunDashboard(app, address)
  }

  /** Waits for the end that somebody asks for. */
  async waited (came: Promise<void>): Promise<void> {
    process.stderr.write(`the page stays at ${this.#address} until Ctrl-C\n`)
    await came
  }

  async close (): Promise<void> {
    await this.#app.close()
  }
}

function portOf (address: AddressInfo | string | null): number {
  return typeof address === 'object' && address !== null ? address.port : 0
}
