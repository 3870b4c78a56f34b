import { computed, signal } from '@preact/signals'
import type { Setup, SignedIn } from '../../schemas/session.ts'
import type { Role, User } from '../../schemas/user.ts'
import { ROLES } from '../../schemas/words.ts'
import { ApiError, call, get, isSignedOut } from './api.ts'

/** Who is signed in; null is nobody, undefined is not known yet. */
export const user = signal<User | null | undefined>(undefined)

export const isOperator = computed(() => may('operator'))
export const isAdmin = computed(() => may('admin'))

function may (role: Role): boolean {
  return user.value !== null && user.value !== undefined && ROLES.indexOf(user.value.role) >= ROLES.indexOf(role)
}

export async function loadUser (): Promise<void> {
  try {
    user.value = await get<User>('/api/me', {}, { isQuiet: true })
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) user.value = null
    else throw error
  }
}

export async function signIn (username: string, password: string): Promise<void> {
  await call<SignedIn>('POST', '/api/login', { body: { username, password }, isQuiet: true })
  await loadUser()
  isSignedOut.value = false
}

export async function signOut (): Promise<void> {
  await call('POST', '/api/logout', { isQuiet: true }).catch(() => {})
  location.assign('/dashboard/login')
}

/** Whether nobody has an account yet, and what the first one needs. */
export function setup (): Promise<Setup> {
  return get<Setup>('/api/setup', {}, { isQuiet: true })
}
