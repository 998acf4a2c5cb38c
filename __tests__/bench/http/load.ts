import { execFile, spawnSync } from 'node:child_process';
import { rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startChild, track } from '../runner/child';
import type { Exchange, LoadResult } from './exchange';

/** Few enough to stay in the caches, enough that the server never waits. */
const connections = 32;

// autocannon needs more CPU for a request than fastify does, so that it, and not the server, is what is measured.
const hasWrk = spawnSync('wrk', ['--version']).error === undefined;

/** Says which load generator is used; decided once. */
export const loadGenerator = hasWrk
  ? `wrk, 1 thread, ${connections} connections`
  : `autocannon, ${connections} connections (wrk is not on the PATH; compare CPU rather than requests)`;

/** Sends the request over and over; fails when any answer is not a 2xx. */
export function putLoad(port: number, exchange: Exchange, seconds: number): Promise<LoadResult> {
  return hasWrk ? loadByWrk(port, exchange, seconds) : loadByAutocannon(port, exchange, seconds);
}

async function loadByAutocannon(port: number, exchange: Exchange, seconds: number): Promise<LoadResult> {
  const child = startChild(path.join(__dirname, 'autocannon-child.ts'), []);
  try {
    return await child.ask<LoadResult>('load', { port, exchange, seconds, connections }, seconds * 1_000 + 30_000);
  } finally {
    child.kill();
  }
}

async function loadByWrk(port: number, exchange: Exchange, seconds: number): Promise<LoadResult> {
  const script = path.join(os.tmpdir(), `pipebody-bench-${process.pid}.lua`);
  const remove = () => rmSync(script, { force: true });
  process.once('exit', remove);
  try {
    writeFileSync(script, requestScript(exchange));
    return parseWrk(await runWrk(port, script, seconds));
  } finally {
    process.off('exit', remove);
    remove();
  }
}

function runWrk(port: number, script: string, seconds: number): Promise<string> {
  const args = ['-t1', `-c${connections}`, `-d${seconds}s`, '-s', script, `http://127.0.0.1:${port}/`];
  return new Promise((resolve, reject) => {
    track(
      execFile('wrk', args, { timeout: seconds * 1_000 + 30_000, killSignal: 'SIGKILL' }, (error, stdout) => {
        if (error) reject(error);
        else resolve(stdout);
      }),
    );
  });
}

/** The request in wrk's Lua, whose long strings take everything as it is. */
function requestScript({ method, headers, body }: Exchange): string {
  const lines = Object.entries(headers).map(([name, value]) => `wrk.headers["${name}"] = "${value}"`);
  return [`wrk.method = "${method}"`, ...lines, body === '' ? '' : `wrk.body = [==[${body}]==]`].join('\n');
}

function parseWrk(output: string): LoadResult {
  if (/Non-2xx|Socket errors/.test(output)) throw new Error(`wrk was answered with errors:\n${output}`);
  const [, requests] = /(\d+) requests in/.exec(output) ?? [];
  const [, perSecond] = /Requests\/sec:\s+([\d.]+)/.exec(output) ?? [];
  if (requests === undefined || perSecond === undefined) throw new Error(`wrk printed something else:\n${output}`);
  return { requests: Number(requests), seconds: Number(requests) / Number(perSecond) };
}
