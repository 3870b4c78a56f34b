import { broken, type Result } from '../case.ts'
import { onStage, register } from './browser.ts'

const TWENTY_SECONDS = 20_000

/** Twenty seconds without an event, on a clock that the case turns: the panel tells what was refused, and why. */
export function refused (): Promise<Result> {
  return onStage(async ({ open, service, complaints }) => {
    const { page } = await open()
    await page.clock.install()
    await register(page)
    await page.getByText('Listening for the first event').waitFor()
    const early = await page.getByText('What is refused is told here, with the reason.').count()
    await page.clock.runFor(TWENTY_SECONDS)
    await page.getByText(/^Nothing yet: nothing reached http:.*\/events\. Is that its address from where you send\?$/).waitFor()

    const send = (token: string, body: string): Promise<Response> => fetch(`${service.base}/events`, { method: 'POST', headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` }, body })
    const statuses = [(await send('bw_nobody', '{"message":"hello"}')).status]
    await page.clock.runFor(TWENTY_SECONDS)
    await page.getByText(/^Nothing yet\. The last request was refused .* ago: the token is not known here/).waitFor()
    return {
      figures: {},
      faults: [...broken([early === 1, 'before that the panel does not say that it will tell'], [statuses[0] === 401, `the unknown token is answered ${statuses[0]}`]), ...complaints]
    }
  })
}
