import Type, { type Static } from 'typebox';

export const filesConfig = Type.Object({
  /** Whether callers must show credentials. Off, whoever reaches the port may read, write and delete. */
  auth: Type.Boolean({ default: true }),
  /** The addresses under which clients know this server, such as `http://files.example:8081`: what is deleted is told by them. */
  addresses: Type.Array(Type.String({ pattern: '^https?://[^/?#]+[^?#]*$' }), { default: [] }),
  /** Bytes of one file. */
  largestFile: Type.Integer({ default: 107_374_182_400, minimum: 1 }),
  /** Seconds that one upload may take, however slow the line. */
  uploadSeconds: Type.Integer({ default: 21_600, minimum: 1 }),
});
export type FilesConfig = Static<typeof filesConfig>;
