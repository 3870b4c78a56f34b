import { KindGuard, type TSchema } from '@sinclair/typebox'
import { ValueErrorType, type ValueError } from '@sinclair/typebox/value'

/**
 * Tells of each union what is wrong with the one member that was meant, where that can be seen: that no member fits helps nobody. Of what is
 * missing it tells that alone.
 */
export function * nearestErrors (errors: Iterable<ValueError>): Generator<ValueError> {
  let missing: string | undefined
  for (const error of errors) {
    if (error.path === missing) continue
    if (error.type === ValueErrorType.ObjectRequiredProperty) missing = error.path
    const nearest = error.type === ValueErrorType.Union ? nearestOf(error) : undefined
    if (nearest === undefined) yield error
    else yield * nearest
  }
}

/** What a union takes: its words, or for objects the member that tells each from the others. */
export function parseChoices (schema: TSchema): string[] {
  return KindGuard.IsUnion(schema) ? schema.anyOf.map(choiceOf) : []
}

function choiceOf (member: TSchema): string {
  if (KindGuard.IsLiteral(member) && typeof member.const === 'string') return member.const
  return KindGuard.IsObject(member) && member.required !== undefined ? `{${member.required[0]}: ...}` : `${member['type']}`
}

/** The errors of the member that has the fewest, all of them inside of it; undefined when it is not one alone. */
function nearestOf ({ path, errors }: ValueError): ValueError[] | undefined {
  const members = errors.map((member) => Array.from(nearestErrors(member))).filter((member) => !member.some((error) => error.path === path))
  const fewest = Math.min(...members.map(({ length }) => length))
  const [nearest, other] = members.filter(({ length }) => length === fewest)
  return other === undefined ? nearest : undefined
}
