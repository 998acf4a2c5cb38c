import { PassThrough } from 'node:stream';
import { hosts, type RunningServer, type TestHandler } from '../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

const fields = { 'Content-Length': '5', 'X-One': '1', 'X-Two': '2' };

/** Every shape that `writeHead` takes headers in. */
const shapes = [
  ['an object', [200, fields]],
  ['an object behind a reason', [200, 'Fine', fields]],
  ['pairs', [200, 'Fine', Object.entries(fields)]],
  ['a flat list', [200, 'Fine', Object.entries(fields).flat()]],
] as unknown as [string, [number]][];
/** Node takes pairs only where no header was set before, and Express sets one. */
const shapesBesideOthers = shapes.filter(([name]) => name !== 'pairs');
const shapesOf = (hostName: string) => (hostName.includes('Express') ? shapesBesideOthers : shapes);

describe.each(hosts)('writeHead() on $name', (host) => {
  test.each(shapes)('gives %s to the starting callbacks, which may still change them', async (_name, head) => {
    let seen: unknown;
    const handler: TestHandler = (_req, res) => {
      res.onStarting(() => {
        seen = [res.getHeader('x-one'), res.getHeader('content-length')];
        res.removeHeader('x-two');
      });
      res.writeHead(...head);
      res.end('hello');
    };
    server = await host.start(handler);

    const { headers } = await fetch(server.url);

    expect(seen).toEqual(['1', '5']);
    expect([headers.get('x-one'), headers.get('x-two')]).toEqual(['1', null]);
  });

  test.each(shapesOf(host.name))('takes Content-Length out of %s where a body was swapped in', async (_name, head) => {
    server = await host.start((_req, res) => {
      res.pipeBodyThrough(new PassThrough());
      res.writeHead(...head);
      res.end('hello, and more than was declared');
    });

    const response = await fetch(server.url);

    expect(await response.text()).toBe('hello, and more than was declared');
    expect([response.headers.get('content-length'), response.headers.get('x-two')]).toEqual([null, '2']);
  });

  test('sends a name that pairs have twice twice, in place of what was set', async () => {
    const pairs = [
      ['Set-Cookie', 'a=1'],
      ['Set-Cookie', 'b=2'],
    ];
    server = await host.start((_req, res) => {
      res.onStarting(() => {});
      res.setHeader('Set-Cookie', 'old=0');
      res.writeHead(200, pairs as never);
      res.end();
    });

    const { headers } = await fetch(server.url);

    expect(headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });

  test('without headers leaves those that were set', async () => {
    server = await host.start((_req, res) => {
      res.onStarting(() => {});
      res.setHeader('X-Kept', 'yes');
      res.writeHead(202);
      res.end();
    });

    const response = await fetch(server.url);

    expect([response.status, response.headers.get('x-kept')]).toEqual([202, 'yes']);
  });
});
