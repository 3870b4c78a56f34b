import { test } from 'tap'
import { buildTestApp } from '../helper.ts'
import { get } from './support.ts'

interface Operation {
  tags?: string[]
  summary?: string
  parameters?: Array<{ name: string, in: string, required?: boolean, schema?: unknown }>
  responses: Record<string, { description?: string, content?: Record<string, { schema?: unknown }> }>
}

interface OpenApi {
  openapi: string
  info: { title: string, version: string }
  paths: Record<string, Record<string, Operation>>
  components: { securitySchemes: Record<string, unknown> }
}

test('the OpenAPI document', async (t) => {
  const app = await buildTestApp(t)
  const document = (await get(app, '/openapi.json')).json<OpenApi>()
  const operations = Object.entries(document.paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ path, method, operation })))
  const routes = app.routes.filter(({ url, method, schema }) => !url.startsWith('/docs') && schema?.hide !== true && method !== 'HEAD')

  await t.test('is version 3.1 and says how to sign in', async (t) => {
    t.match(document, { openapi: /^3\.1\.\d+$/, info: { title: 'Bellwether', version: /^\d+\.\d+\.\d+/ } })
    t.same(Object.keys(document.components.securitySchemes), ['bearer', 'opsToken', 'cookie'])
  })

  await t.test('holds every route with each of its answers, and nothing else', async (t) => {
    t.ok(routes.length > 10)
    for (const { method, url, schema } of routes) {
      const path = url.replace(/:(\w+)/g, '{$1}')
      const operation = document.paths[path]?.[String(method).toLowerCase()]
      t.ok(operation, `${String(method)} ${url}`)
      const answers = Object.keys(Object(schema?.response)).map((status) => status.toUpperCase())
      t.same(Object.keys(operation?.responses ?? {}).map((status) => status.toUpperCase()).sort(), answers.sort(), `${url} tells its answers`)
    }
    t.equal(operations.length, routes.length)
  })

  await t.test('is valid: what OpenAPI asks of an operation is there', async (t) => {
    for (const { path, method, operation } of operations) {
      const at = `${method} ${path}`
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name)
      const given = (operation.parameters ?? []).filter((parameter) => parameter.in === 'path')
      t.same(given.map(({ name }) => name), named, `${at}: its path parameters`)
      t.ok(given.every(({ required }) => required === true), `${at}: they are required`)
      t.ok((operation.parameters ?? []).every(({ schema }) => schema !== undefined), `${at}: parameters have a schema`)
      t.ok(Object.keys(operation.responses).every((status) => /^[1-5](\d\d|XX)$/.test(status)), `${at}: statuses`)
      t.ok(Object.values(operation.responses).every(({ description }) => typeof description === 'string'), `${at}: answers are described`)
      t.ok(operation.summary !== undefined && operation.tags?.length === 1, `${at}: has a summary and a tag`)
    }
    t.notOk(JSON.stringify(document).includes('$ref'), 'nothing points to what is not there')
  })

  await t.test('has a page that shows it, whose parts come from here', async (t) => {
    const page = await get(app, '/docs/')

    t.match(page.headers, { 'content-type': /^text\/html/ })
    const parts = [...page.body.matchAll(/(?:src|href)="([^"]+)"/g)].map(([, url = '']) => url)
    t.ok(parts.length > 3)
    for (const url of parts) t.equal((await get(app, new URL(url, 'http://localhost/docs/').pathname)).statusCode, 200, url)
    t.ok(parts.every((url) => !url.startsWith('http')))
  })
})
