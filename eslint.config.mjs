import tseslint from 'typescript-eslint';

/** One rule that Biome cannot decide: a promise that nobody waits for. */
export default tseslint.config({
  files: ['packages/*/src/**/*.{ts,tsx}', 'e2e/**/*.ts'],
  languageOptions: {
    parser: tseslint.parser,
    parserOptions: { project: ['./tsconfig.json', './packages/dashboard/tsconfig.json'] },
  },
  plugins: { '@typescript-eslint': tseslint.plugin },
  linterOptions: { reportUnusedDisableDirectives: 'off' },
  rules: {
    '@typescript-eslint/no-floating-promises': 'error',
    '@typescript-eslint/no-misused-promises': [
      'error',
      { checksVoidReturn: { arguments: false, attributes: false, properties: false } },
    ],
  },
});
