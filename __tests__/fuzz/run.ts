import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { CurrentInput } from './current-input';
import { targets } from './targets';
import type { FuzzJob, FuzzNews } from './worker';

// npm run fuzz -- <parser> <seconds> [seed]: feeds a parser, or each of them, with mutated bytes for so long. Inputs that
// crash it, hang it or are read differently when they are cut are kept in found/, where fuzz.test.ts tries them again.

const hangMs = 2_000;
/** Without CPU time: a promise that never settles, or a machine on which others work, too. */
const idleMs = 30_000;
const found = join(__dirname, 'found');

async function main([name = '', seconds = '60', seed = String(Date.now() % 1_000_000)]: string[]): Promise<void> {
  const names = name === 'all' ? Object.keys(targets) : [name];
  if (!names.every((one) => Object.hasOwn(targets, one))) {
    console.error(`npm run fuzz -- <parser> <seconds> [seed]; parsers: all, ${Object.keys(targets).join(', ')}`);
    process.exitCode = 2;
    return;
  }
  for (const one of names) {
    const memory = CurrentInput.createMemory();
    const findings = await watch({ name: one, seconds: Number(seconds), seed: Number(seed), memory });
    if (findings > 0) process.exitCode = 1;
  }
}

/** Runs the fuzzer in a thread, so that what hangs or crashes it can be seen and kept. Gives the number of findings. */
function watch(job: FuzzJob): Promise<number> {
  const current = new CurrentInput(job.memory);
  const startedAt = performance.now();
  let findings = 0;
  let hasEnded = false;
  const keep = (what: string, input: Uint8Array, message: string) => {
    findings += 1;
    const file = join(found, `${job.name}.${what}.${createHash('sha256').update(input).digest('hex').slice(0, 12)}`);
    mkdirSync(found, { recursive: true });
    writeFileSync(file, input);
    console.error(`${job.name}: ${what}, kept in ${file}\n${message}`);
  };
  const worker = new Worker(join(__dirname, 'worker.ts'), { workerData: job, execArgv: ['-r', 'esbuild-register'] });
  worker.on('message', (news: FuzzNews) => {
    if (news.kind === 'finding') keep('wrong', news.input, news.message);
    else {
      hasEnded = true;
      const { executions, kept, branches } = news;
      const perSecond = Math.round((executions * 1_000) / (performance.now() - startedAt));
      console.log(
        JSON.stringify({ parser: job.name, seed: job.seed, executions, perSecond, kept, branches, findings }),
      );
    }
  });
  worker.on('error', (error) => {
    hasEnded = true;
    keep('crash', current.get(), String(error.stack));
  });
  const hang = watchProgress(current, () => worker.terminate());
  return new Promise((resolve) => {
    worker.on('exit', () => {
      clearInterval(hang);
      // Stopped for it, or nothing was left that could have gone on.
      if (!hasEnded) keep('hang', current.get(), `No result within ${hangMs} ms of CPU time.`);
      resolve(findings);
    });
  });
}

/** Calls when one input takes too long, by CPU time; the first one comes after everything was loaded. */
function watchProgress(current: CurrentInput, onHang: () => void): NodeJS.Timeout {
  let before = 0;
  let since = { cpu: process.cpuUsage(), at: performance.now() };
  return setInterval(() => {
    if (current.count !== before || before === 0) {
      before = current.count;
      since = { cpu: process.cpuUsage(), at: performance.now() };
      return;
    }
    const { user, system } = process.cpuUsage(since.cpu);
    if ((user + system) / 1_000 > hangMs || performance.now() - since.at > idleMs) onHang();
  }, hangMs / 4);
}

void main(process.argv.slice(2));
