import fastifyPlugin from 'fastify-plugin'
import type { FastifyRequest } from 'fastify'
import { isBrowser } from './accept.ts'
import type { App } from './app-type.ts'

/** Pages that show people what an address answers to programs. */
const PAGES: ReadonlyArray<[path: RegExp, page: (id: string) => string]> = [
  [/^\/$/, () => '/dashboard'],
  [/^\/(?:stats|trace|errors)$/, () => '/dashboard/pipeline'],
  [/^\/alerts\/([\w-]{1,100})$/, (id) => `/dashboard/alerts/${id}`]
]

/** Leads a browser that opens an address of the API to the page of the same thing. */
async function browsers (app: App): Promise<void> {
  app.addHook('onRequest', (request, reply, done) => {
    const page = pageOf(request)
    if (page === undefined) done()
    else reply.header('vary', 'accept').redirect(page)
  })
}

export default fastifyPlugin(browsers, { name: 'browsers' })

/** Where a browser that is nobody signs in, to come back to what it asked for; undefined for everybody else. */
export function signInPage (request: FastifyRequest): string | undefined {
  return request.method === 'GET' && isBrowser(request.headers.accept) ? `/dashboard/login?next=${encodeURIComponent(request.url)}` : undefined
}

function pageOf (request: FastifyRequest): string | undefined {
  if (request.method !== 'GET' || !isBrowser(request.headers.accept)) return undefined
  const [path = ''] = request.url.split('?')
  for (const [pattern, page] of PAGES) {
    const match = pattern.exec(path)
    if (match !== null) return page(match[1] ?? '')
  }
  return undefined
}
