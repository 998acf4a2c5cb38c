import type http from 'node:http';
import path from 'node:path';
import { type Child, startChild } from '../runner/child';
import type { Comparison, Metric, Sample, Scenario } from '../runner/scenario';
import type { Settings, Suite } from '../runner/settings';
import type { Exchange } from './exchange';
import { putLoad } from './load';

/** A server that is measured. */
export interface ServerVariant {
  readonly name: string;
  /** Starts it on a free port of 127.0.0.1, in a process of its own. */
  start(): Promise<http.Server> | http.Server;
}

export interface ServerScenario extends Scenario {
  readonly variants: readonly ServerVariant[];
}

/** What the server's process used in the measuring window. */
export interface Usage {
  readonly cpuMicros: number;
  /** At its peak, above what it was when the server had just started. */
  readonly rssOverIdleBytes: number;
}

interface HttpScenarioOptions {
  /** Default: http. */
  readonly suite?: Suite;
  readonly name: string;
  /** The module that exports the scenario. */
  readonly file: string;
  readonly exchange: Exchange;
  readonly variants: readonly ServerVariant[];
  readonly compare: readonly Comparison[];
}

const metrics: readonly Metric[] = [
  { name: 'requests/s', better: 'more', digits: 0 },
  { name: 'server CPU µs/request', better: 'less', digits: 1 },
];

/** A scenario of small requests: as many as the server can answer. */
export function httpScenario(options: HttpScenarioOptions): ServerScenario {
  const { suite = 'http', name, file, exchange, variants, compare } = options;
  return {
    suite,
    name,
    metrics,
    variants,
    compare,
    open: async (settings) => ({
      measure: (variant) => withServer(file, name, variant, (server, port) => load(server, port, exchange, settings)),
      close: () => {},
    }),
  };
}

/** Starts a variant's server in a fresh process, and kills it at the end. */
export async function withServer(
  file: string,
  scenario: string,
  variant: string,
  use: (server: Child, port: number) => Promise<Sample>,
): Promise<Sample> {
  const server = startChild(path.join(__dirname, 'server-child.ts'), [file, scenario, variant]);
  try {
    return await use(server, await server.ask<number>('start'));
  } catch (error) {
    throw new Error(`${scenario}, ${variant} failed.`, { cause: error });
  } finally {
    server.kill();
  }
}

async function load(server: Child, port: number, exchange: Exchange, settings: Settings): Promise<Sample> {
  await checkAnswer(port, exchange);
  if (settings.warmUpSeconds > 0) await putLoad(port, exchange, settings.warmUpSeconds);
  await server.ask('begin');
  const { requests, seconds } = await putLoad(port, exchange, settings.seconds);
  const { cpuMicros } = await server.ask<Usage>('end');
  return { 'requests/s': requests / seconds, 'server CPU µs/request': cpuMicros / requests };
}

/** A server that answers something else is not measured. */
async function checkAnswer(port: number, { method, headers, body, answer }: Exchange): Promise<void> {
  const response = await fetch(`http://127.0.0.1:${port}/`, {
    method,
    headers,
    body: method === 'GET' ? null : body,
  });
  const text = await response.text();
  if (response.status !== 200 || text !== answer) throw new Error(`It answered ${response.status} "${text}".`);
}
