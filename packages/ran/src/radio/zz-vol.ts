import { createEnvironment } from './environment.ts';
import { parseScenario } from './scenario.ts';

const arg = JSON.parse(process.argv[2] ?? '{}');
for (const ev of [true, false]) {
  const sc = parseScenario({
    ...arg,
    seed: 1,
    ...(ev ? {} : { events: { factor: [1, 1] }, crowds: { perCellAndDay: 0 } }),
  });
  const env = createEnvironment(sc, { blocks: 1441 });
  const C = sc.cells,
    W = C * 3;
  const mean = (f: (b: any, k: number) => number, m: number, i: number) => {
    const b = env.block(m);
    let x = 0;
    for (let t = 0; t < 60; t++) x += f(b, t * W + i) / 60;
    return x;
  };
  for (let s = 0; s < 3; s++)
    for (const [name, f] of [
      ['demand', (b: any, k: number) => b.offered[k] / b.perPrb[k]],
      ['perPrb', (b: any, k: number) => b.perPrb[k]],
      ['users', (b: any, k: number) => b.users[k]],
    ] as any) {
      let sum = 0,
        n = 0,
        mx: number[] = [],
        mn = 0;
      for (let c = 0; c < C; c++) {
        const xs = Array.from({ length: 1440 }, (_, m) => mean(f, m, c * 3 + s));
        for (let m = 2; m < 1440; m++) {
          const r = Math.log(xs[m]! / xs[m - 2]!);
          if (isFinite(r)) {
            sum += r * r;
            n++;
            mx.push(Math.abs(r));
          }
          mn += xs[m]!;
        }
      }
      mx.sort((a, b) => a - b);
      console.log(
        ev ? 'events' : 'calm',
        ['embb', 'urllc', 'miot'][s],
        name,
        'lag2 log std',
        Math.sqrt(sum / n).toFixed(3),
        'p90 |r|',
        mx[Math.floor(mx.length * 0.9)]!.toFixed(3),
        'mean',
        (mn / n).toFixed(2),
      );
    }
}
