import { run } from './run.mjs';
import { ensureVenv } from './venv.mjs';

/**
 * A Python that has ClearML and what the conformance scripts import: `{ python }`, or `{ missing }` with the reason.
 * RANLOOP_CLEARML_PYTHON may name a ready one.
 */
export async function ensureClearmlPython() {
  const named = process.env.RANLOOP_CLEARML_PYTHON;
  if (named) {
    const { code } = await run(named, ['-c', 'import clearml']);
    return code === 0 ? { python: named } : { missing: `RANLOOP_CLEARML_PYTHON (${named}) cannot import clearml` };
  }
  const what = 'the ClearML SDK and agent (700 MB on disk)';
  return await ensureVenv({ name: 'conformance', requirements: 'e2e/conformance/requirements.txt', what });
}
