import { once } from 'node:events';
import http from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';
import { RawClient } from '../support/raw-client';
import { ProgramRun, type ResponseProgram, responseProgram } from '../support/response-program';

let server: RunningServer;
afterEach(() => server.close());

/** The program that the server runs for the next request, and its run. */
let program: ResponseProgram;
let begin: (run: ProgramRun) => void = () => {};

const handler: TestHandler = async (_req, res) => {
  const run = new ProgramRun(res);
  begin(run);
  await run.run(program).catch((error) => res.destroy(error));
};

/** Asks by `send` and gives the run that the server has begun for it. */
async function runOf(next: ResponseProgram, send: () => unknown): Promise<ProgramRun> {
  program = next;
  const begun = new Promise<ProgramRun>((resolve) => {
    begin = resolve;
  });
  send();
  return begun;
}

const runs = { numRuns: 400, timeout: 5_000, endOnFailure: true };

const tried = hosts.filter(
  ({ name }) => name === 'Express 5, createServer()' || name.startsWith('Express 5, app.listen()'),
);

describe.each(tried)('a response on $name, under random writes, flushes, swaps, callbacks, corks and ends', (host) => {
  test('sends the bytes in the order of the calls, and every call and callback settles', async () => {
    server = await host.start(handler);
    const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });

    const property = fc.asyncProperty(responseProgram, async (steps) => {
      let received: Promise<string> | undefined;
      const run = await runOf(steps, () => {
        received = bodyOf(http.get(server.url, { agent }));
      });

      const text = await received;
      expect(text).toBe(run.expected.toString('latin1'));
      await run.settled();
      expect([run.errors, run.refusals, await run.tellsAll()]).toEqual([[], [], true]);
    });

    await fc.assert(property, runs);
    agent.destroy();
  }, 60_000);

  test('settles every call when the client goes away, and refuses none for it', async () => {
    server = await host.start(handler);

    const property = fc.asyncProperty(responseProgram, fc.nat(20), async (steps, turns) => {
      const client = await RawClient.connect(server.port);
      const run = await runOf(steps, () => void client.send('GET / HTTP/1.1\r\nHost: test\r\n\r\n'));
      for (let turn = 0; turn < turns; turn += 1) await nextTurn();
      client.reset();
      await run.closed();

      await run.settled();
      expect(run.refusals).toEqual([]);
    });

    await fc.assert(property, runs);
  }, 60_000);
});

async function bodyOf(request: http.ClientRequest): Promise<string> {
  const [response] = (await once(request, 'response')) as [http.IncomingMessage];
  return Buffer.concat(await response.toArray()).toString('latin1');
}
