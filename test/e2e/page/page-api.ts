import type { Page } from 'playwright-core'

/** As browsers say it: the service takes changes from its own pages only. */
const FROM_PAGE = { 'sec-fetch-site': 'same-origin' }

/** The API with the session of a page. */
export class PageApi {
  readonly #page: Page

  constructor (page: Page) {
    this.#page = page
  }

  /** Throws with the answer when it is no 2xx. */
  async get<T> (path: string): Promise<T> {
    const response = await this.#page.request.get(path)
    if (!response.ok()) throw new Error(`GET ${path}: ${response.status()} ${await response.text()}`)
    return response.json()
  }

  async send<T = unknown> (method: string, path: string, data: object): Promise<T> {
    const response = await this.#page.request.fetch(path, { method, data, headers: FROM_PAGE })
    if (!response.ok()) throw new Error(`${method} ${path}: ${response.status()} ${await response.text()}`)
    return response.json()
  }

  /** The status alone, whatever it is. */
  async status (method: string, path: string, data: object): Promise<number> {
    return (await this.#page.request.fetch(path, { method, data, headers: FROM_PAGE })).status()
  }
}
