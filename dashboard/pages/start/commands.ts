export interface Command {
  name: string
  text: string
}

/** Ways to send a first event to the service at `origin`, with a token in them. */
export function commands (origin: string, token: string): Command[] {
  return [
    {
      name: 'curl',
      text: `curl ${origin}/events \\\n  -H 'X-Ops-Token: ${token}' \\\n  -H 'Content-Type: application/json' \\\n  -d '{"level":"warn","service":"api","message":"hello"}'`
    },
    {
      name: 'Node.js',
      text: `await fetch('${origin}/events', {\n  method: 'POST',\n  headers: { 'X-Ops-Token': '${token}', 'Content-Type': 'application/json' },\n  body: JSON.stringify({ level: 'warn', service: 'api', message: 'hello' })\n})`
    },
    {
      name: 'Log file',
      text: `curl '${origin}/events?service=app' \\\n  -H 'X-Ops-Token: ${token}' \\\n  -H 'Content-Type: text/plain' \\\n  --data-binary @app.log`
    }
  ]
}
