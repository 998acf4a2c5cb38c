import { FaultServer, nothingLeft } from '../support/fault-server';
import { soak } from './soak';

let server: FaultServer;

beforeAll(async () => {
  server = await FaultServer.start();
});
afterAll(() => server.stop());

test('ten seconds of all kinds of requests and clients leave nothing, and less than 6 MiB on the heap', async () => {
  const { hangs, heapGrowthBytes, leftovers } = await soak(server, 10, 1);

  expect(hangs).toBe(0);
  expect(leftovers).toEqual(nothingLeft);
  expect(heapGrowthBytes).toBeLessThan(6 * 2 ** 20);
}, 60_000);
