import { once } from 'node:events';
import http from 'node:http';
import fc from 'fast-check';
import { hosts, type RunningServer } from '../support/hosts';
import { ProgramRun, type ResponseProgram, responseProgram } from '../support/response-program';

let server: RunningServer;
afterEach(() => server.close());

const tried = hosts.filter(
  ({ name }) => name === 'Express 5, createServer()' || name.startsWith('Express 5, app.listen()'),
);

describe.each(tried)('a response on $name, under random writes, flushes, swaps, callbacks, corks and ends', (host) => {
  test('sends the bytes in the order of the calls, and every callback of a write is called', async () => {
    let program: ResponseProgram = { steps: [], end: 'res.end', last: 0 };
    let run: ProgramRun | undefined;
    server = await host.start(async (_req, res) => {
      run = new ProgramRun(res);
      await run.run(program).catch((error) => res.destroy(error));
    });
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

    const property = fc.asyncProperty(responseProgram, async (steps) => {
      program = steps;
      const request = http.get(server.url, { agent });
      const [response] = (await once(request, 'response')) as [http.IncomingMessage];
      const received = Buffer.concat(await response.toArray());

      expect(run?.faults).toEqual([]);
      expect(received.toString('latin1')).toBe(run?.expected.toString('latin1'));
      expect(await run?.tellsAll()).toBe(true);
    });

    await fc.assert(property, { numRuns: 400, timeout: 5_000, endOnFailure: true });
    agent.destroy();
  }, 60_000);
});
