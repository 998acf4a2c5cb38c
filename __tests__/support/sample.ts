import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { request } from 'node:http';
import { resolve } from 'node:path';

const root = resolve(__dirname, '../..');

// A process takes a second of CPU to start; a machine that is busy, several.
jest.setTimeout(30_000);

/** A program of samples/ that runs, on a free port, in a process of its own. */
export interface RunningSample {
  readonly url: string;
  readonly port: number;
  /** The curl lines that it printed. */
  readonly curlLines: readonly string[];
  stop(): Promise<void>;
}

export async function startSample(name: string, env: Record<string, string> = {}): Promise<RunningSample> {
  const child = spawnSample(name, { PORT: '0', ...env });
  const isGone = once(child, 'exit').then(([code]) => Promise.reject(new Error(`"${name}" exited with ${code}.`)));
  isGone.catch(() => {});
  child.stderr?.pipe(process.stderr, { end: false });
  let printed = '';
  // The curl lines end with an empty one.
  while (printed.split('\n\n').length < 3) {
    printed += String((await Promise.race([once(child.stdout as NodeJS.ReadableStream, 'data'), isGone]))[0]);
  }
  const url = /http:\/\/\S+?:\d+/.exec(printed)?.[0] ?? '';
  return {
    url,
    port: Number(new URL(url).port),
    curlLines: printed.split('\n').filter((line) => line.startsWith('  ')),
    stop: async () => {
      if (child.exitCode !== null) return;
      child.kill();
      await once(child, 'exit');
    },
  };
}

/** As `npm run sample` does. esbuild-register finds pipebody in src by the paths of tsconfig.json: no build is needed. */
export function spawnSample(name: string, env: Record<string, string> = {}): ChildProcess {
  return spawn(process.execPath, ['-r', 'esbuild-register', 'samples/run.ts', name], {
    cwd: root,
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** A request to a sample. */
export function post(
  { url }: RunningSample,
  path: string,
  body: string | Buffer,
  headers: Record<string, string> = {},
): Promise<Response> {
  return fetch(url + path, { method: 'POST', body: body as string, headers });
}

/** The bytes as they came, which fetch() would decode. */
export async function getRaw({ url }: RunningSample, path: string, headers: Record<string, string>) {
  const [response] = await once(request(url + path, { headers }).end(), 'response');
  const bytes = Buffer.concat(await response.toArray());
  return { coding: response.headers['content-encoding'] as string | undefined, bytes };
}

/** A form of one file. */
export function formOf(content: string | Uint8Array): FormData {
  const form = new FormData();
  form.append('file', new Blob([content as Uint8Array<ArrayBuffer>]), 'a.txt');
  return form;
}

export const asJson = { 'Content-Type': 'application/json' };
