import { Type, type Static } from '@sinclair/typebox'

/** What stands beside the files of a backup and says what they are. It is written last. */
export const BackupManifest = Type.Object({
  format: Type.Literal(1),
  program: Type.Literal('bellwether'),
  version: Type.String({ description: 'of the program that made it' }),
  made_at: Type.String(),
  store: Type.String({ description: 'the id of the store' }),
  events: Type.Integer({ minimum: 0 }),
  files: Type.Array(Type.Object({
    name: Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$' }),
    bytes: Type.Integer({ minimum: 0 }),
    sha256: Type.String({ pattern: '^[0-9a-f]{64}$' })
  }), { minItems: 1, maxItems: 100 })
})
export type BackupManifest = Static<typeof BackupManifest>
export type BackupFile = BackupManifest['files'][number]
