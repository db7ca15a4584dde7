import { createTwins, parseScenario, searchInWorker } from './index.ts';

const sc = parseScenario({ seed: +(process.argv[2] ?? 1) });
let t = performance.now();
const r = await searchInWorker(sc, { fromSeconds: 0, toSeconds: 86400, onProgress: () => {} });
console.log(
  'search s',
  ((performance.now() - t) / 1000).toFixed(1),
  r.violationSeconds,
  r.evaluations,
  JSON.stringify(r.ratios.map((x) => x.map((y) => y.ratio.min))),
);
t = performance.now();
const tw = createTwins(sc, { staticRatios: r.ratios, startSeconds: 86400 });
while (tw.now < 2 * 86400) tw.advancePeriod();
console.log('twins day s', ((performance.now() - t) / 1000).toFixed(1));
for (const [k, v] of Object.entries(tw.totals()))
  console.log(
    k,
    v.reduce((a, b) => a + b.violationSeconds, 0),
    v.map((x) => x.violationSeconds + ' ' + x.prbUse.toFixed(1)).join(' | '),
  );
