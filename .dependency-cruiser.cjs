const { readdirSync, readFileSync } = require('node:fs');

const SCOPE = '@ranloop/';
const declared = (folder) =>
  Object.keys(JSON.parse(readFileSync(`${__dirname}/packages/${folder}/package.json`, 'utf8')).dependencies ?? {})
    .filter((name) => name.startsWith(SCOPE))
    .map((name) => name.slice(SCOPE.length));
const packages = readdirSync(`${__dirname}/packages`);
const TEST = '\\.test\\.tsx?$|/testing/|^e2e/|^bench/|^vitest';

const error = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });

module.exports = {
  forbidden: [
    ...packages.map((folder) =>
      error(
        `package-edge-${folder}`,
        'A package imports only the workspaces that its package.json declares.',
        { path: `^packages/${folder}/`, pathNot: TEST },
        { path: '^packages/', pathNot: `^packages/(${[folder, ...declared(folder)].join('|')})/` },
      ),
    ),
    error(
      'front-door-only',
      'Another package is entered through the index.ts of a room.',
      { path: '^packages/([^/]+)/' },
      {
        path: '^packages/[^/]+/src/',
        pathNot: ['^packages/$1/', '^packages/[^/]+/src/index\\.tsx?$', '^packages/[^/]+/src/[^/]+/index\\.tsx?$'],
      },
    ),
    error(
      'rooms-do-not-mix',
      'Rooms of one service meet at contracts, over the wire or in what the composition root hands them.',
      { path: '^packages/(training|non-rt-ric|near-rt-ric|ran)/src/([^/]+)/' },
      { path: '^packages/$1/src/[^/]+/', pathNot: '^packages/$1/src/$2/' },
    ),
    error(
      'pure-stays-pure',
      'contracts, codecs and sdk run in browsers: no Node modules.',
      { path: '^packages/(contracts|sdk|codecs)/src/', pathNot: TEST },
      { dependencyTypes: ['core'] },
    ),
    error(
      'onnxruntime-stays-home',
      'ONNX Runtime is loaded by the inference host only; a recipe compares its export through inference.',
      { path: '^packages/', pathNot: `^packages/(inference|recipes/src/onnx)/|${TEST}` },
      { path: 'node_modules/onnxruntime-node/' },
    ),
    error(
      'tensorflow-stays-home',
      'TensorFlow.js is loaded by recipes only.',
      { path: '^packages/', pathNot: '^packages/recipes/' },
      { path: 'node_modules/@tensorflow/' },
    ),
    error(
      'undeclared-third-party',
      'A package imports only what its own package.json declares.',
      { path: '^packages/', pathNot: `${TEST}|^packages/dashboard/` },
      { path: 'node_modules', dependencyTypes: ['npm-no-pkg', 'npm-unknown', 'npm-dev'] },
    ),
    error(
      'no-test-code-in-production',
      'Production code does not import tests or their helpers.',
      { pathNot: TEST },
      { path: '\\.test\\.tsx?$|/testing/' },
    ),
    error('no-cycles', 'No import rings.', {}, { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } }),
    error('resolvable', 'Every import resolves.', {}, { couldNotResolve: true }),
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^packages/[^/]+/dist/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default'] },
  },
};
