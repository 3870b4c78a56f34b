const STATUS: Readonly<Record<string, number>> = { HPE_HEADER_OVERFLOW: 431, ERR_HTTP_REQUEST_TIMEOUT: 408 }

/** The status for bytes that are no request, or undefined when the client just left. */
export function clientErrorStatus ({ code = '' }: { code?: string }): number | undefined {
  return code === 'ECONNRESET' ? undefined : STATUS[code] ?? 400
}
