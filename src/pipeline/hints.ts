import type { Graph, GraphNode } from './graph.ts'

/** Tells what a pipeline does that nobody is likely to want: a text that is sought where no line can have it. */
export function graphHints (nodes: Graph['nodes']): string[] {
  return nodes.flatMap((node) => {
    const sought = soughtBy(node)
    const changed = sought === undefined ? undefined : caseChangeBefore(node, nodes)
    if (sought === undefined || changed === undefined) return []
    const kept = changed.type === 'uppercase' ? sought.toUpperCase() : sought.toLowerCase()
    if (kept === sought) return []
    return [`${node.id} seeks ${JSON.stringify(sought)}, and behind ${changed.id} (${changed.type}) no line has it: seek ${JSON.stringify(kept)}, or set ignore_case`]
  })
}

function soughtBy ({ config }: GraphNode): string | undefined {
  if (config.type !== 'filter' || config.regex === true || config.ignore_case === true) return undefined
  return config.pattern
}

/** The processor that changed the case of every letter of what comes to a node by one way alone; undefined when something else may have added letters. */
function caseChangeBefore ({ inputs }: GraphNode, nodes: Graph['nodes']): GraphNode | undefined {
  const [only] = inputs
  const before = only === undefined || inputs.length > 1 ? undefined : nodes[only.node]
  if (before === undefined || before.type === 'uppercase' || before.type === 'lowercase') return before
  return ['filter', 'trim', 'sample', 'dedupe', 'rate_limit'].includes(before.type) ? caseChangeBefore(before, nodes) : undefined
}
