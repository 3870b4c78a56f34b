import { Problem } from '../schemas/common.ts'

/** What every route may answer besides its own. */
export const problems = { '4xx': Problem, '5xx': Problem }
