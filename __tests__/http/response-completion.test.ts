import { hosts, type RunningServer } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

describe.each(hosts)('a response on $name', (host) => {
  test.each([
    ['onStarting', 'a text'],
    ['onCompleted', undefined],
    ['registerForDispose', { close: () => {} }],
  ] as const)('refuses for %s() what it cannot call, with a TypeError', async (member, value) => {
    server = await host.start((_req, res) => {
      expect(() => res[member](value as never)).toThrow(TypeError);
      res.end('refused');
    });

    expect(await (await fetch(server.url)).text()).toBe('refused');
  });

  test('disposes of what has [Symbol.dispose], the last registered first', async () => {
    const order: string[] = [];
    let done = () => {};
    const disposed = new Promise<void>((resolve) => {
      done = resolve;
    });
    const resource = (name: string) => ({ [Symbol.dispose]: () => order.push(name) });
    server = await host.start((_req, res) => {
      res.onCompleted(done);
      res.registerForDispose(resource('first'));
      res.registerForDispose(resource('second'));
      res.end();
    });

    await fetch(server.url);
    await disposed;

    expect(order).toEqual(['second', 'first']);
  });

  test('runs a completed callback at once where the response is over already', async () => {
    let done = () => {};
    const ran = new Promise<void>((resolve) => {
      done = resolve;
    });
    server = await host.start((_req, res) => {
      res.once('close', () => res.onCompleted(done));
      res.end();
    });

    await fetch(server.url);

    await ran;
  });
});
