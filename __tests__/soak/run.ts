import { isDeepStrictEqual } from 'node:util';
import { FaultServer, nothingLeft } from '../support/fault-server';
import { soak } from './soak';
import { soakUploads } from './uploads';

// npm run soak -- <seconds> [seed]: every route; npm run soak -- uploads [count] [seed]: forms alone. Both ways to listen,
// one after the other.

const heapGrowthAtMost = 6 * 2 ** 20;

interface Outcome {
  readonly leftovers: object;
  readonly heapGrowthBytes: number;
}

async function onBothHosts(seed: number, run: (server: FaultServer) => Promise<Outcome>): Promise<void> {
  for (const host of ['createServer()', 'app.listen() and pipeBody()'] as const) {
    const server = await FaultServer.start({ host });
    try {
      const result = await run(server);
      console.log(JSON.stringify({ host, seed, ...result }));
      const isWell = isDeepStrictEqual(result.leftovers, nothingLeft) && result.heapGrowthBytes < heapGrowthAtMost;
      if (!isWell) process.exitCode = 1;
    } finally {
      await server.stop();
    }
  }
}

const anySeed = () => Date.now() % 1_000_000;

async function runUploads(count = '20000', seed = String(anySeed())): Promise<void> {
  await onBothHosts(Number(seed), async (server) => {
    const result = await soakUploads(server, Number(count), Number(seed));
    const [first, last] = result.listeners;
    if (last > first) process.exitCode = 1;
    return result;
  });
}

async function runAll(seconds = '120', seed = String(anySeed())): Promise<void> {
  await onBothHosts(Number(seed), async (server) => {
    const result = await soak(server, Number(seconds) / 2, Number(seed));
    if (result.hangs > 0) process.exitCode = 1;
    return result;
  });
}

const [what, ...more] = process.argv.slice(2);
void (what === 'uploads' ? runUploads(...more) : runAll(what, ...more));
