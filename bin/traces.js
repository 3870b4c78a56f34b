import { readFileSync } from 'node:fs'
import { SourceMap } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** A place in what bin/bundle.js made. */
const BUNDLED = /(file:[^()\s]*\/\.cache\/bellwether\/service\/\w+\/[\w-]+\.js):(\d+):(\d+)/

const maps = new Map()

// Has the traces of errors name the lines of the sources. Node does the same by --enable-source-maps, but reads all maps at the start.
Error.prepareStackTrace = (error, frames) => [title(error), ...frames.map((frame) => `    at ${frame.toString().replace(BUNDLED, sourcePlace)}`)].join('\n')

function title (error) {
  try {
    return Error.prototype.toString.call(error)
  } catch {
    return 'Error'
  }
}

function sourcePlace (place, url, line, column) {
  const file = fileURLToPath(url)
  if (!maps.has(file)) maps.set(file, readMap(file))
  const { fileName, lineNumber, columnNumber } = maps.get(file)?.findOrigin(Number(line), Number(column)) ?? {}
  return fileName === undefined ? place : `${join(dirname(file), fileName)}:${lineNumber}:${columnNumber}`
}

function readMap (file) {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')))
  } catch {
    return undefined
  }
}
