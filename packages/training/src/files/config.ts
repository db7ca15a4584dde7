import Type, { type Static } from 'typebox';

export const filesConfig = Type.Object({
  /** Bytes of one file. */
  largestFile: Type.Integer({ default: 107_374_182_400, minimum: 1 }),
  /** Seconds that one upload may take, however slow the line. */
  uploadSeconds: Type.Integer({ default: 21_600, minimum: 1 }),
});
export type FilesConfig = Static<typeof filesConfig>;
