import type { ProcessorConfig, Route } from '../../../schemas/pipeline.ts'
import { fault, lineTest, type LineTest } from '../condition.ts'
import type { Cursor, RoutingProcessor } from '../processor.ts'

const TAG_DELIMITER = ','

/** Sends each line to the first route that fits, or with `all` to each that does; what fits none goes the default way, or is dropped. */
export function router (config: ProcessorConfig<'router'>): RoutingProcessor {
  const { routes, default: rest, all = false } = config
  const tests = routes.map((route, at) => routeTest(route, at))
  const branches = branchesOf(config)
  refuseTwins(config, branches)
  const restBit = rest === undefined ? 0 : 1 << branches.length - 1
  const counts = branches.map(() => 0)
  return {
    branches,
    route: (line, cursor) => {
      let taken = 0
      for (let at = 0; at < tests.length; at++) {
        if (tests[at]?.(line, cursor) !== true) continue
        taken |= 1 << at
        count(counts, at)
        if (!all) break
      }
      return taken === 0 ? defaultWay({ restBit, counts, cursor }) : taken
    },
    ...remembered(counts),
    details: () => summed(branches, counts)
  }
}

/** Sends each line by one of its parts, as `{"ERROR": "alarm"}` says; what is named nowhere goes the default way, or is dropped. */
export function tagRouter (config: ProcessorConfig<'tag_router'>): RoutingProcessor {
  const { tag_field: field = 0, delimiter = TAG_DELIMITER, routes, default: rest } = config
  const places = new Map(Object.keys(routes).map((tag, at) => [tag, at]))
  const branches = tagBranches(config)
  const restBit = rest === undefined ? 0 : 1 << branches.length - 1
  const counts = branches.map(() => 0)
  return {
    branches,
    route: (line, cursor) => {
      const place = places.get(line.split(delimiter, field + 1)[field]?.trim() ?? '')
      if (place === undefined) return defaultWay({ restBit, counts, cursor })
      count(counts, place)
      return 1 << place
    },
    ...remembered(counts),
    details: () => summed(branches, counts)
  }
}

/** Names the branches of a router: those of its routes by name, else by where they go, else by their place; then that of the default. */
function branchesOf ({ routes, default: rest }: ProcessorConfig<'router'>): string[] {
  return [...routes.map(({ name, to }, at) => name ?? to ?? String(at + 1)), ...(rest === undefined ? [] : [rest])]
}

function tagBranches ({ routes, default: rest }: ProcessorConfig<'tag_router'>): string[] {
  return [...Object.keys(routes), ...(rest === undefined ? [] : [rest])]
}

/** Several ways may lead to one processor; a name of its own tells one way from all others. */
function refuseTwins ({ routes, default: rest }: ProcessorConfig<'router'>, branches: readonly string[]): void {
  for (const [at, name] of branches.entries()) {
    const earlier = branches.indexOf(name)
    if (earlier === at || (routes[at]?.name === undefined && routes[earlier]?.name === undefined)) continue
    throw at < routes.length ? fault(`routes/${at}`, `another route is called ${JSON.stringify(name)}`) : fault('default', `a route is called ${JSON.stringify(rest)}`)
  }
}

function remembered (counts: number[]): Pick<RoutingProcessor, 'state' | 'restore'> {
  return { state: () => counts, restore: (state) => { for (const [at, earlier] of (Array.isArray(state) ? state : []).entries()) counts[at] = Number(earlier) } }
}

function summed (branches: readonly string[], counts: readonly number[]): Record<string, number> {
  const sums = new Map<string, number>()
  for (const [at, name] of branches.entries()) sums.set(name, (sums.get(name) ?? 0) + (counts[at] ?? 0))
  return Object.fromEntries(sums)
}

function routeTest ({ name: _name, to: _to, ...condition }: Route, at: number): LineTest {
  try {
    return lineTest(condition)
  } catch (error) {
    throw nested(error, `routes/${at}`)
  }
}

function defaultWay ({ restBit, counts, cursor }: { restBit: number, counts: number[], cursor: Cursor }): number {
  if (restBit === 0) cursor.reason = 'no route fits'
  else count(counts, counts.length - 1)
  return restBit
}

function count (counts: number[], at: number): void {
  counts[at] = (counts[at] ?? 0) + 1
}

/** Puts where a member stands before the path of its fault. */
export function nested (error: unknown, path: string): unknown {
  const { faults = [] } = Object(error) as { faults?: ReadonlyArray<{ path: string, message: string }> }
  const [first] = faults
  return first === undefined ? error : fault(`${path}${first.path}`, first.message)
}
