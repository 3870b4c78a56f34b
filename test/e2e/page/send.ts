import { Client } from '../http.ts'
import { TOKEN, type ServiceProcess } from '../service-process.ts'

interface Sent { message: string, service?: string, level?: string, meta?: object, trace_id?: string, time?: string }

/** Throws when the service does not take all of them. */
export async function sendEvents (service: ServiceProcess, events: readonly Sent[]): Promise<void> {
  const client = new Client(service.base, TOKEN)
  try {
    const { status, text } = await client.post('/events', events)
    if (status >= 300) throw new Error(`POST /events: ${status} ${text}`)
  } finally {
    client.close()
  }
}
