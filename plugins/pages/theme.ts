import type { FastifyRequest } from 'fastify'

const THEME = /(?:^|;\s*)bw_theme=(dark|light)(?:;|$)/

/** The theme that was chosen in this browser, or that of its system. */
export function themeOf ({ headers }: FastifyRequest): 'system' | 'dark' | 'light' {
  const chosen = THEME.exec(headers.cookie ?? '')?.[1]
  return chosen === 'dark' || chosen === 'light' ? chosen : 'system'
}
