/** One line that says what is under way and for how long; a line in the log every ten seconds where there is no terminal. */
export function startProgress(what) {
  const began = Date.now();
  const seconds = () => Math.round((Date.now() - began) / 1000);
  const tty = process.stderr.isTTY;
  if (!tty) process.stderr.write(`${what} ...\n`);
  const frames = ['|', '/', '-', '\\'];
  let tick = 0;
  const timer = setInterval(() => {
    tick += 1;
    if (tty) process.stderr.write(`\r\x1b[2K${frames[tick % frames.length]} ${what} (${seconds()} s)`);
    else if (tick % 40 === 0) process.stderr.write(`${what} ... ${seconds()} s\n`);
  }, 250);
  return (outcome) => {
    clearInterval(timer);
    process.stderr.write(`${tty ? '\r\x1b[2K' : ''}${what}: ${outcome} (${seconds()} s)\n`);
  };
}
