#!/usr/bin/env node
// Old Nodes must be able to read this file to the end, as a script or as a module, or they answer with a syntax error
// in place of the sentence below. So: syntax of 2015, and neither an import nor an export.
'use strict'

const version = process.versions.node.split('.').map(Number)
const major = version[0]
const minor = version[1]
// Node runs TypeScript by itself from 22.18 on, and in the line of 23 from 23.6 on.
const isTooOld = major < 22 || (major === 22 && minor < 18) || (major === 23 && minor < 6)

if (isTooOld) {
  console.error([
    'Bellwether needs Node 22.18 or newer, and this is Node ' + process.versions.node + '.',
    'After `npm ci`, `npm start` and `npx bellwether` bring their own Node: run one of these, or install a newer Node.'
  ].join('\n'))
  process.exitCode = 1
} else {
  // eslint-disable-next-line no-new-func -- a bare import() is a syntax error for Node 8 and older
  new Function('return import("./load.js")')()
}
