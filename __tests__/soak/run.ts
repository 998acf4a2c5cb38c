import { isDeepStrictEqual } from 'node:util';
import { FaultServer, nothingLeft } from '../support/fault-server';
import { soak } from './soak';

// npm run soak -- <seconds> [seed]: both ways to listen, one after the other.

const heapGrowthAtMost = 6 * 2 ** 20;

async function main([seconds = '120', seed = String(Date.now() % 1_000_000)]: string[]): Promise<void> {
  for (const host of ['createServer()', 'app.listen() and pipeBody()'] as const) {
    const server = await FaultServer.start({ host });
    try {
      const result = await soak(server, Number(seconds) / 2, Number(seed));
      console.log(JSON.stringify({ host, seed: Number(seed), ...result }));
      const { hangs, leftovers, heapGrowthBytes } = result;
      const isWell = hangs === 0 && isDeepStrictEqual(leftovers, nothingLeft) && heapGrowthBytes < heapGrowthAtMost;
      if (!isWell) process.exitCode = 1;
    } finally {
      await server.stop();
    }
  }
}

void main(process.argv.slice(2));
