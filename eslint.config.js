import { posix, relative, sep } from 'node:path'
import neostandard, { plugins, resolveIgnoresFromGitignore } from 'neostandard'
import { layerOf, LAYERS, ONLY_HERE, ONLY_THESE } from './test/support/layers.ts'

/** What tap's `test()` answers: the runner awaits it itself. */
const subtest = { from: 'package', package: '@tapjs/core', name: 'PromiseWithSubtest' }

const typescript = {
  files: ['**/*.{ts,tsx}'],
  plugins: { '@typescript-eslint': plugins['typescript-eslint'].plugin },
  languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
  rules: {
    '@typescript-eslint/no-floating-promises': ['error', { allowForKnownSafePromises: [subtest] }],
    '@typescript-eslint/no-misused-promises': 'error',
    '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
    '@typescript-eslint/no-explicit-any': 'error',
    '@typescript-eslint/no-non-null-assertion': 'error',
    // A schema and its type share their name; what is truly declared twice, the compiler tells.
    '@typescript-eslint/no-redeclare': 'off',
    // `void promise` says that nobody waits for it, and the rule on floating promises asks for it.
    'no-void': ['error', { allowAsStatement: true }]
  }
}

/** Old Nodes must be able to read it: syntax of 2015, and no module. */
const launcher = {
  files: ['bin/bellwether.js'],
  languageOptions: { ecmaVersion: 2015, sourceType: 'script' },
  rules: { strict: 'off' }
}

/** What is handed on as a handler is named for what it does. */
const page = {
  files: ['dashboard/**/*.tsx'],
  rules: { 'react/jsx-handler-names': 'off' }
}

const folders = {
  files: ['test/**/*.ts'],
  ignores: ['test/support/test-folder.ts'],
  rules: {
    'no-restricted-syntax': ['error', { selector: "CallExpression[callee.property.name='testdir']", message: 'It is removed before what is torn down later: use testFolder.' }]
  }
}

const escape = (text) => text.replace(/[.*+?^${}()|[\]\\/]/g, '\\$&')

const isTypeOnly = (node) => node.importKind === 'type' ||
  (node.specifiers?.length > 0 && node.specifiers.every(({ importKind }) => importKind === 'type'))

/** Tells an import against the direction of the layers where it is written. */
const importDirection = {
  meta: { type: 'problem', schema: [] },
  create (context) {
    const file = relative(import.meta.dirname, context.filename).split(sep).join('/')
    const layer = layerOf(file)
    const check = (node) => {
      const specifier = node.source?.value
      if (layer === undefined || typeof specifier !== 'string' || !specifier.startsWith('.')) return
      const target = layerOf(posix.join(posix.dirname(file), specifier))
      if (target === undefined || target.name === layer.name || layer.imports.includes(target.name)) return
      if (layer.types?.includes(target.name) === true && isTypeOnly(node)) return
      context.report({ node, message: `${layer.name} may not import ${target.name}: see "Import rules" in docs/ARCHITECTURE.md.` })
    }
    return { ImportDeclaration: check, ImportExpression: check, ExportNamedDeclaration: check, ExportAllDeclaration: check }
  }
}

const directions = {
  files: ['**/*.{ts,tsx}'],
  plugins: { layers: { rules: { direction: importDirection } } },
  rules: { 'layers/direction': 'error' }
}

function forbiddenPackages (layer) {
  const elsewhere = ONLY_HERE
    .filter(({ layers }) => !layers.includes(layer.name))
    .map(({ packages, layers }) => ({
      regex: `^(${packages.map((name) => name.endsWith('/') ? escape(name) : `${escape(name)}(/|$)`).join('|')})`,
      message: `It stays in ${layers.join(', ')}.`
    }))
  const others = ONLY_THESE
    .filter((rule) => rule.layer === layer.name)
    .map(({ packages }) => ({
      regex: `^(?!\\.)(?!(${packages.map(escape).join('|')})(/|$))`,
      message: `${layer.name} may import ${packages.join(', ')} alone.`
    }))
  return [...elsewhere, ...others]
}

// For eslint the last entry that fits a file holds, in the table of layers the first.
const packages = LAYERS.toReversed().map((layer) => ({
  files: layer.paths.map((path) => path.endsWith('/') ? `${path}**/*.{ts,tsx}` : path),
  rules: {
    '@typescript-eslint/no-restricted-imports': ['error', { patterns: forbiddenPackages(layer) }]
  }
}))

export default [
  ...neostandard({ ts: true, ignores: resolveIgnoresFromGitignore() }),
  typescript,
  launcher,
  page,
  folders,
  directions,
  ...packages
]
