import { broken, type Result } from '../case.ts'
import { addUser, onStage, registered, signIn, visit } from './browser.ts'
import { PageApi } from './page-api.ts'

/** Ends the session of another browser from the settings, and one's own other one; makes a token and finds it in the list. */
export function sessions (): Promise<Result> {
  return onStage(async ({ open, complaints }) => {
    const admin = await open()
    await registered(admin.page)
    await addUser(new PageApi(admin.page), 'olga', 'operator')
    const other = await open()
    await other.page.goto('/dashboard/login')
    await signIn(other.page, 'olga')
    await other.page.getByRole('heading', { level: 1, name: 'Overview' }).waitFor()

    await visit(admin.page, '/dashboard/settings/users')
    await admin.page.getByText(/^seen .* ago$/).nth(1).waitFor()
    const seen = await admin.page.getByText(/^seen .* ago$/).count()
    await admin.page.getByRole('button', { name: 'Sessions of olga' }).click()
    const dialog = admin.page.getByRole('dialog', { name: 'Sessions of olga' })
    await dialog.getByRole('button', { name: /^Sign out of the session from 127\.0\.0\.1/ }).click()
    await dialog.getByText('Not signed in anywhere.').waitFor()
    await other.page.getByRole('dialog', { name: 'Your session ended' }).waitFor()

    await visit(admin.page, '/dashboard/settings/sessions')
    await admin.page.getByText('This one').first().waitFor()
    const own = await admin.page.getByText('This one').count()
    await visit(admin.page, '/dashboard/settings/tokens')
    await admin.page.getByRole('button', { name: 'Create' }).click()
    await admin.page.getByLabel('Name').fill('shop')
    await admin.page.getByRole('button', { name: 'Create the token' }).click()
    const secret = await admin.page.getByRole('dialog').locator('pre').innerText()
    await admin.page.getByRole('button', { name: 'I have it' }).click()
    const row = admin.page.getByRole('listitem').filter({ hasText: 'shop' })
    await row.getByText(`${secret.slice(0, 9)}\u2026`).waitFor()
    await row.getByText(/by ann$/).first().waitFor()
    const maker = await row.getByText(/by ann$/).count()
    return {
      figures: {},
      faults: [...broken(
        [seen === 2, `${seen} of 2 users were seen`], [own === 1, `${own} sessions are told as the own one`], [maker === 1, `who made the token is told ${maker} times`]
      ), ...complaints]
    }
  })
}
