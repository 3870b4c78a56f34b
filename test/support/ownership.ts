import ts from 'typescript'
import type { Tree } from './imports.ts'
import { isUnder } from './layers.ts'

/** Where alone a thing may be written: the machine of alerts' states, and the languages of databases. */
const STATES = 'src/rules/state.ts'
const STORE = 'src/store/'
const PRODUCT = ['src/', 'plugins/', 'schemas/']
const SQL = /^\s*(?:SELECT\s.+\sFROM\s|INSERT\s+(?:OR\s+\w+\s+)?INTO\s|UPDATE\s+\w+\s+SET\s|DELETE\s+FROM\s|(?:CREATE|ALTER|DROP)\s+(?:TABLE|INDEX|TRIGGER|VIRTUAL)\b|PRAGMA\s|VACUUM\b)/is

/**
 * Tells where a thing is made outside of the one place that owns it: an alert's state (an object with a `phase`) outside of the state
 * machine, SQL (a text that begins as a statement does) outside of the store.
 */
export function ownershipFaults (tree: Tree): string[] {
  return [...tree].filter(([path]) => PRODUCT.some((folder) => isUnder(path, folder))).flatMap(([path, text]) => {
    const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true)
    const found: string[] = []
    const tell = (node: ts.Node, fault: string): void => {
      found.push(`${path}:${source.getLineAndCharacterOfPosition(node.getStart(source)).line + 1} ${fault}`)
    }
    const see = (node: ts.Node): void => {
      if (path !== STATES && isPhaseGiven(node)) tell(node, `makes the state of an alert, which ${STATES} alone may`)
      if (!isUnder(path, STORE) && textOf(node) !== undefined && SQL.test(textOf(node) ?? '')) tell(node, `holds SQL, which ${STORE} alone may`)
      ts.forEachChild(node, see)
    }
    see(source)
    return found
  })
}

function isPhaseGiven (node: ts.Node): boolean {
  const isGiven = ts.isPropertyAssignment(node) || (ts.isShorthandPropertyAssignment(node) && ts.isObjectLiteralExpression(node.parent))
  return isGiven && ts.isIdentifier(node.name) && node.name.text === 'phase'
}

function textOf (node: ts.Node): string | undefined {
  if (ts.isStringLiteralLike(node)) return node.text
  return ts.isTemplateExpression(node) ? [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('?') : undefined
}
