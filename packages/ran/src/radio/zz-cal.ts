import { createEnvironment } from './environment.ts';
import { parseScenario } from './scenario.ts';
import { createPlant } from './simulated-plant.ts';
import { oracleRatios, reactiveRatios, reportedDemand } from './twins/controllers.ts';

const ratiosOf = (x: any) =>
  allocate(
    SLICES.map((y: any, i: number) => ({ snssai: y.snssai, upper: x[[1, 0, 2][i]!] })),
    100,
  );

import { allocate } from '@ranloop/sdk/slicing';
import { SLICES } from './layout.ts';
import { normal, streamOf } from './streams.ts';

const arg = JSON.parse(process.argv[2] ?? '{}');
const seeds: number[] = JSON.parse(process.argv[3] ?? '[1]');
const D = 86400;
for (const seed of seeds) {
  const sc = parseScenario({ ...arg, seed });
  const env = createEnvironment(sc, { blocks: 1440 * 3 + 60 });
  const from = 2 * D,
    to = 3 * D; // test day 1, day 0 for static + yesterday
  const C = sc.cells;
  const show = (name: string, p: any, extra = '') => {
    const t = p.totals();
    console.log(
      name.padEnd(28),
      String(t.reduce((a: number, b: any) => a + b.violationSeconds, 0)).padStart(7),
      t
        .map(
          (x: any) =>
            `${x.slice.name} ${x.violationSeconds} ${x.prbUse.toFixed(1)}% lost ${((100 * x.unservedMbit) / (x.unservedMbit + x.servedMbit)).toFixed(2)}%`,
        )
        .join(' | '),
      extra,
    );
  };
  const perCell = (p: any) =>
    Array.from({ length: C }, (_, c) => p.totals(c).reduce((a: number, b: any) => a + b.violationSeconds, 0));
  // overload share
  let over = 0,
    n = 0;
  for (let m = 2880; m < 4320; m++) {
    const b = env.block(m);
    for (let c = 0; c < C; c++) {
      let d = 0;
      for (let s = 0; s < 3; s++)
        for (let i = 0; i < 60; i++) d += b.offered[i * C * 3 + c * 3 + s]! / b.perPrb[i * C * 3 + c * 3 + s]! / 60;
      n++;
      if (d > sc.prbs) over++;
    }
  }
  console.log('seed', seed, 'overload minutes %', ((100 * over) / n).toFixed(2));
  {
    const p = createPlant(sc, { environment: env, startSeconds: from });
    while (p.now < to) p.advancePeriod();
    show('none', p);
  }
  // static: grid on day 0
  const evalC = (cands: any[], f: number, t: number) => {
    const p = createPlant(sc, { environment: env, startSeconds: f, ratios: cands.map(ratiosOf) });
    while (p.now < t) p.advancePeriod();
    return p;
  };
  const best = Array.from({ length: C }, () => ({ v: Infinity, c: [0, 0, 0] }));
  const tryAll = (mk: (c: number) => number[]) => {
    const cs = best.map((_, c) => mk(c));
    const v = perCell(evalC(cs, D, 2 * D));
    v.forEach((x: number, c: number) => {
      if (x < best[c]!.v) best[c] = { v: x, c: cs[c]! };
    });
  };
  for (const d of [0, 6, 10, 14, 18, 22, 26, 32]) for (const e of [0, 40, 60]) tryAll(() => [d, e, 0]);
  for (let k = 0; k < 1; k++) {
    for (const dd of [-2, -1, 1, 2]) tryAll((c) => [Math.max(0, best[c]!.c[0]! + dd), best[c]!.c[1]!, best[c]!.c[2]!]);
    for (const ee of [-15, -7, 7, 15])
      tryAll((c) => [best[c]!.c[0]!, Math.max(0, best[c]!.c[1]! + ee), best[c]!.c[2]!]);
    for (const m of [3, 6, 10, 15]) tryAll((c) => [best[c]!.c[0]!, best[c]!.c[1]!, m]);
  }
  const st = evalC(
    best.map((b) => b.c),
    from,
    to,
  );
  show('static', st, JSON.stringify(best.map((b) => b.c)));
  const total = (p: any) => p.totals().reduce((a: number, b: any) => a + b.violationSeconds, 0);
  const S = total(st);
  const run = (name: string, lag: number, decide: (p: any, c: number, n: number, reports: any[]) => any) => {
    const p = createPlant(sc, {
      environment: env,
      startSeconds: from,
      immediate: true,
      ratios: best.map((b) => ratiosOf(b.c as any)),
    });
    const reports: any[] = [];
    while (p.now < to) {
      const n = p.now / 60;
      for (let c = 0; c < C; c++) {
        const r = decide(p, c, n, reports);
        if (r) p.setRatios(c, r);
      }
      reports.push(p.advancePeriod());
    }
    show(name, p, `gap closed ${O ? (((S - total(p)) / (S - O)) * 100).toFixed(0) + '%' : ''}`);
    return total(p);
  };
  let O = 0;
  O = run(`oracle`, 0, (p, c) =>
    oracleRatios(p, c, { from: p.now, to: p.now + 60, margins: { embb: 1.0, urllc: 1.07, miot: 1.0 } }),
  );
  for (const [lag, u, e, m] of [
    [1, 1.6, 1.2, 1.3],
    [2, 1.4, 1.15, 1.2],
    [2, 1.7, 1.2, 1.3],
  ] as any)
    run(`reactive lag${lag} ${u} ${e}`, lag, (p, c, n, r) => {
      const rep = r[r.length - lag];
      return rep && reactiveRatios(sc, rep.cells[c], { embb: e!, urllc: u!, miot: m! });
    });
  const dem = (p: any, c: number, s: number, n: number) => p.offeredPrb(c, SLICES[s]!.snssai, n * 60, n * 60 + 60);
  const MARG = [
    [1.1, 1.3, 1.1],
    [1.15, 1.45, 1.15],
  ];
  for (const M of MARG)
    for (const sd of [0.1])
      run(`truth mean, noise ${sd} m${M}`, 2, (p, c, n) =>
        allocate(
          SLICES.map((x, s) => ({
            snssai: x.snssai,
            upper: dem(p, c, s, n).mean * Math.exp(sd * normal(streamOf(9, c, s), n)) * M[s]!,
          })),
          sc.prbs,
        ),
      );

  // linear quantile regression in logs, trained on day 1, tested on day 2
  const lg = SLICES.map((_, sl) =>
    Array.from({ length: C }, (_, c) =>
      Float64Array.from({ length: 4320 }, (_, m) => {
        const b = env.block(m);
        let x = 0;
        for (let t = 0; t < 60; t++) {
          const k = t * C * 3 + c * 3 + sl;
          x += b.offered[k]! / b.perPrb[k]! / 60;
        }
        return Math.log(Math.max(0.5, x));
      }),
    ),
  );
  const med = (a: number[]) => {
    const b = [...a].sort((x, y) => x - y);
    return (b[b.length >> 1]! + b[(b.length - 1) >> 1]!) / 2;
  };
  const feats = (x: Float64Array, n: number) => {
    const rec = [];
    const yes = [];
    for (let j = 2; j < 14; j++) {
      rec.push(x[n - j]!);
      yes.push(x[n - j - 1440]!);
    }
    const diff = rec.map((r, i) => r - yes[i]!);
    const L = med(diff);
    const mr = med(rec);
    const y = [x[n - 1442]!, x[n - 1441]!, x[n - 1440]!, x[n - 1439]!, x[n - 1438]!].map((v) => v + L);
    return [
      1,
      mr - 4,
      ...rec.slice(0, 4).map((v) => v - mr),
      ...y.map((v) => v - mr),
      Math.max(y[1]!, y[2]!, y[3]!) - mr,
      Math.max(0, y[2]! - mr - 0.4),
      Math.min(y[1]!, y[2]!, y[3]!) - mr,
      Math.max(...rec.slice(0, 2)) - mr,
    ];
  };
  const fit = (sl: number, q: number) => {
    const X: number[][] = [],
      Y: number[] = [],
      B: number[] = [];
    for (let c = 0; c < C; c++)
      for (let n = 1454; n < 2880; n++) {
        const f = feats(lg[sl]![c]!, n);
        X.push(f);
        const b = f[1]! + 4;
        Y.push(lg[sl]![c]![n]! - b);
      }
    const k = X[0]!.length;
    const w = new Float64Array(k);
    const G = new Float64Array(k).fill(1e-6);
    let seed = 1;
    for (let it = 0; it < 200000; it++) {
      seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
      const i = seed % X.length;
      const x = X[i]!;
      let p = 0;
      for (let j = 0; j < k; j++) p += w[j]! * x[j]!;
      const e = Y[i]! - p;
      const g = e > 0 ? -q : 1 - q;
      for (let j = 0; j < k; j++) {
        const gj = g * x[j]!;
        G[j]! += gj * gj;
        w[j]! -= (0.3 * gj) / Math.sqrt(G[j]!);
      }
    }
    return (c: number, n: number) => {
      const f = feats(lg[sl]![c]!, n);
      let p = f[1]! + 4;
      for (let j = 0; j < k; j++) p += w[j]! * f[j]!;
      return Math.exp(p);
    };
  };
  for (const q of [0.8, 0.9]) {
    const qs = SLICES.map((_, sl) => fit(sl, q));
    console.log(
      'coverage',
      q,
      qs
        .map((f, sl) => {
          let a = 0,
            n = 0;
          for (let c = 0; c < C; c++)
            for (let m = 2880; m < 4320; m++) {
              n++;
              if (Math.exp(lg[sl]![c]![m]!) <= f(c, m)) a++;
            }
          return (a / n).toFixed(3);
        })
        .join(' '),
    );
    for (const M of [
      [1.0, 1.08, 1.0],
      [1.05, 1.15, 1.05],
    ])
      run(`quantile ${q} m${M}`, 2, (p, c, n) =>
        allocate(
          SLICES.map((x, sl) => ({ snssai: x.snssai, upper: qs[sl]!(c, n) * M[sl]! })),
          sc.prbs,
        ),
      );
  }
}
