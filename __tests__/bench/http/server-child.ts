import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { answerParent } from '../runner/child';
import { findScenario, findVariant } from '../runner/scenario';
import type { ServerScenario, Usage } from './http-scenario';

// The process of one server: starts it, and says what it used between "begin" and "end".

const [file = '', scenarioName = '', variantName = ''] = process.argv.slice(2);
const sampleEveryMs = 5;

let cpuAtBegin = process.cpuUsage();
let idleRss = 0;
let peakRss = 0;

answerParent({
  async start(): Promise<number> {
    const scenario = findScenario<ServerScenario>(file, scenarioName);
    const server = await findVariant(scenario.variants, variantName).start();
    if (!server.listening) await once(server, 'listening');
    idleRss = process.memoryUsage.rss();
    return (server.address() as AddressInfo).port;
  },

  begin(): void {
    peakRss = 0;
    cpuAtBegin = process.cpuUsage();
  },

  watchMemory(): void {
    setInterval(sampleMemory, sampleEveryMs).unref();
  },

  end(): Usage {
    const { user, system } = process.cpuUsage(cpuAtBegin);
    sampleMemory();
    return { cpuMicros: user + system, rssOverIdleBytes: peakRss - idleRss, peakRssBytes: peakRss };
  },
});

function sampleMemory(): void {
  peakRss = Math.max(peakRss, process.memoryUsage.rss());
}
