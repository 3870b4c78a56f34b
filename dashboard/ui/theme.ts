import { signal } from '@preact/signals'

export const THEME_CHOICES = ['system', 'dark', 'light'] as const
export type ThemeChoice = typeof THEME_CHOICES[number]

const YEAR_SECONDS = 31_536_000
const begun = document.documentElement.dataset['theme']

/** The service writes the choice into the document, from a cookie, so that it is there before the first paint. */
export const theme = signal<ThemeChoice>(THEME_CHOICES.find((choice) => choice === begun) ?? 'system')

export function chooseTheme (choice: ThemeChoice): void {
  theme.value = choice
  document.documentElement.dataset['theme'] = choice
  document.cookie = `bw_theme=${choice}; path=/dashboard; max-age=${YEAR_SECONDS}; samesite=strict`
}
