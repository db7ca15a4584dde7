const LEAST = [20, 19];

/** Stops with a plain sentence on a Node that is too old, before anything newer is loaded. */
export function requireNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  if (major > LEAST[0] || (major === LEAST[0] && minor >= LEAST[1])) return;
  console.error(`Ranloop needs Node >= ${LEAST.join('.')}; this is ${process.versions.node} (${process.execPath}).`);
  process.exit(1);
}
