import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { ROOT } from './run.mjs';

const WARN_LINES = 600;
const MOST_LINES = 1_200;
const KIT_LINES = 1_500;
const SOURCE = /\.(ts|tsx|mjs|cjs)$/;

/** What no linter knows: how long files may be, how big kit may grow, and that figure and manifests agree. */
export function checkCaps(root = ROOT) {
  const problems = [];
  const notes = [];
  for (const file of sources(path.join(root, 'packages'))) {
    const lines = lineCount(file);
    const name = path.relative(root, file);
    if (lines > MOST_LINES) problems.push(`${name} has ${lines} lines; ${MOST_LINES} is the most`);
    else if (lines > WARN_LINES) notes.push(`${name} has ${lines} lines; is it one idea?`);
  }
  const kit = sources(path.join(root, 'packages/kit/src')).filter((file) => !isTest(file));
  const kitLines = kit.reduce((sum, file) => sum + lineCount(file), 0);
  if (kitLines > KIT_LINES) problems.push(`packages/kit has ${kitLines} lines; ${KIT_LINES} is the most`);
  problems.push(...edgeProblems(root), ...versionProblems(root));
  return { code: problems.length === 0 ? 0 : 1, output: [...problems, ...notes].join('\n') };
}

/** The table of packages in ARCHITECTURE.md says which packages each may import; package.json must say the same. */
function edgeProblems(root) {
  const text = readFileSync(path.join(root, 'ARCHITECTURE.md'), 'utf8');
  const told = new Map();
  for (const [, name, edges] of text.matchAll(/^\| `([a-z-]+)` \|[^|\n]*\|[^|\n]*\|([^|\n]*)\|$/gm))
    told.set(
      name,
      [...edges.matchAll(/`([a-z-]+)`/g)]
        .map((match) => match[1])
        .sort()
        .join(', '),
    );
  return manifests(root).flatMap(({ folder, manifest }) => {
    const own = Object.keys(manifest.dependencies ?? {}).filter((name) => name.startsWith('@ranloop/'));
    const edges = own
      .map((name) => name.slice('@ranloop/'.length))
      .sort()
      .join(', ');
    if (!told.has(folder)) return [`ARCHITECTURE.md has no row for packages/${folder}`];
    return told.get(folder) === edges
      ? []
      : [`packages/${folder} imports (${edges}), ARCHITECTURE.md says (${told.get(folder)})`];
  });
}

function versionProblems(root) {
  const { version } = JSON.parse(readFileSync(path.join(root, 'package.json'), 'utf8'));
  return manifests(root).flatMap(({ folder, manifest }) => {
    const loose = Object.entries({ ...manifest.dependencies, ...manifest.devDependencies }).filter(
      ([, range]) => !/^\d/.test(range),
    );
    const other =
      manifest.version === version ? [] : [`packages/${folder} has version ${manifest.version}, not ${version}`];
    return [...other, ...loose.map(([name, range]) => `packages/${folder} does not pin ${name} (${range})`)];
  });
}

function manifests(root) {
  return readdirSync(path.join(root, 'packages')).map((folder) => ({
    folder,
    manifest: JSON.parse(readFileSync(path.join(root, 'packages', folder, 'package.json'), 'utf8')),
  }));
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    if (entry.name === 'node_modules' || entry.name === 'dist') return [];
    const full = path.join(folder, entry.name);
    if (entry.isDirectory()) return sources(full);
    return SOURCE.test(entry.name) ? [full] : [];
  });
}

const isTest = (file) => /\.test\.tsx?$/.test(file) || file.includes(`${path.sep}testing${path.sep}`);
const lineCount = (file) => readFileSync(file, 'utf8').split('\n').length - 1;
