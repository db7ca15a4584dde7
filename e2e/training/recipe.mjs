// Stands for a recipe: does what its name says, in plain Node, so that the agent is tested apart from the recipes.
import { spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';

const name = process.argv.at(-1);
const note = (what) =>
  writeFileSync(`${process.env.TEST_NOTES}/${process.env.CLEARML_TASK_ID}.${what}`, String(process.pid));

note('started');
if (name === 'talk') {
  console.log('first line');
  console.log('50 %\r100 %');
  console.error('a complaint');
  console.log(JSON.stringify({ level: 40, time: 0, msg: 'a warning of structured logging' }));
  process.stdout.write(`last line without end, task ${process.env.CLEARML_TASK_ID} at ${process.env.CLEARML_API_HOST}`);
} else if (name === 'crash') {
  console.error('it went wrong here');
  process.exit(3);
} else if (name === 'wait') {
  process.on('SIGTERM', () => {
    note('asked');
    process.exit(0);
  });
  console.log('waiting');
  setInterval(() => {}, 1_000);
} else if (name === 'stubborn') {
  process.on('SIGTERM', () => note('asked'));
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); setInterval(() => {}, 1000)'], {
    stdio: 'inherit',
  });
  writeFileSync(`${process.env.TEST_NOTES}/${process.env.CLEARML_TASK_ID}.child`, String(child.pid));
  setInterval(() => {}, 1_000);
} else if (name === 'count') {
  let n = 0;
  const timer = setInterval(() => {
    console.log(`line ${n}`);
    n += 1;
    if (n === 40) clearInterval(timer);
  }, 100);
}
