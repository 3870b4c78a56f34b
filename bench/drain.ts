/** A generic Drain, the usual online log parser. Source: He and others 2017, "Drain: An Online Log Parsing Approach with Fixed Depth Tree". */
export interface Drain {
  root: TreeNode
  clusters: number
}

interface TreeNode {
  children: Map<string, TreeNode>
  clusters: Cluster[]
}

interface Cluster {
  id: number
  tokens: string[]
}

/** Tokens that lead through the tree behind the one for the length: its depth of 4. */
const LEADING = 2
const SIMILARITY = 0.4
const MOST_CHILDREN = 100
const ANY = '<*>'
const MASKS: ReadonlyArray<readonly [RegExp, string]> = [
  [/\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gi, ANY],
  [/\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/g, ANY],
  [/\b0x[0-9a-f]+\b/gi, ANY],
  [/(?<![\w.])-?\d+(?:\.\d+)?(?![\w.])/g, ANY]
]

export function emptyDrain (): Drain {
  return { root: emptyNode(), clusters: 0 }
}

/** Learns a line; returns the number of its cluster. */
export function drainLine (drain: Drain, line: string): number {
  let masked = line
  for (const [mask, text] of MASKS) masked = masked.replace(mask, text)
  const tokens = masked.trim().split(/\s+/)
  const leaf = leafOf(drain.root, tokens)
  const similar = mostSimilar(leaf.clusters, tokens)
  if (similar !== undefined) {
    similar.tokens = similar.tokens.map((token, i) => token === tokens[i] ? token : ANY)
    return similar.id
  }
  const id = ++drain.clusters
  leaf.clusters.push({ id, tokens })
  return id
}

function emptyNode (): TreeNode {
  return { children: new Map(), clusters: [] }
}

function leafOf (root: TreeNode, tokens: readonly string[]): TreeNode {
  let node = childOf(root, String(tokens.length))
  for (const token of tokens.slice(0, LEADING)) node = childOf(node, /\d/.test(token) || (!node.children.has(token) && node.children.size >= MOST_CHILDREN) ? ANY : token)
  return node
}

function childOf ({ children }: TreeNode, key: string): TreeNode {
  const known = children.get(key)
  if (known !== undefined) return known
  const child = emptyNode()
  children.set(key, child)
  return child
}

function mostSimilar (clusters: readonly Cluster[], tokens: readonly string[]): Cluster | undefined {
  let best: Cluster | undefined
  let most = SIMILARITY * tokens.length
  for (const cluster of clusters) {
    let same = 0
    for (let i = 0; i < tokens.length; i++) if (cluster.tokens[i] === tokens[i]) same++
    if (same < most) continue
    best = cluster
    most = same
  }
  return best
}
