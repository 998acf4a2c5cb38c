import { compress } from 'pipebody';
import { hosts, type RunningServer, type TestHandler } from '../../support/hosts';

let server: RunningServer;
afterEach(() => server.close());

const text = 'a text that repeats itself, '.repeat(100);
const ask = async () => {
  const response = await fetch(server.url, { headers: { 'Accept-Encoding': 'gzip' } });
  return { coding: response.headers.get('content-encoding'), text: await response.text() };
};

describe.each(hosts)('compress() on $name', (host) => {
  test('leaves a response alone that has begun', async () => {
    server = await host.start(
      (_req, res, next) => {
        res.setHeader('Content-Type', 'text/plain');
        res.write(text);
        next();
      },
      compress() as TestHandler,
      (_req, res) => res.end(text),
    );

    expect(await ask()).toEqual({ coding: null, text: text + text });
  });

  test('compresses what has no Content-Type where the filter says so', async () => {
    server = await host.start(compress({ filter: () => true }) as TestHandler, (_req, res) => {
      res.write(text);
      setImmediate(() => res.end(text));
    });

    expect(await ask()).toEqual({ coding: 'gzip', text: text + text });
  });
});
