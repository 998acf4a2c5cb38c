import { compress, createServer } from 'pipebody';
import type { Browser } from 'playwright-core';
import { chromiumPath, launchChromium } from '../../support/chromium';
import { listen, type RunningServer, type TestHandler } from '../../support/hosts';

const tokens = ['A', ' body', ' is', ' a', ' pipe'];

/** Each token is written when the browser has said that it has the one before. */
function tokenServer(coding: 'br' | 'gzip'): { listener: TestHandler; codings: unknown[] } {
  const middleware = compress({ encodings: [coding] }) as unknown as TestHandler;
  const codings: unknown[] = [];
  let next = () => {};
  const writeTokens: TestHandler = (_req, res) => {
    const rest = [...tokens];
    next = () => {
      const token = rest.shift();
      res.write(token === undefined ? 'event: end\ndata: 0\n\n' : `data: ${JSON.stringify({ token })}\n\n`);
      codings.push(res.getHeader('Content-Encoding'));
    };
    res.setHeader('Content-Type', 'text/event-stream');
    next();
  };
  const listener: TestHandler = (req, res, done) => {
    if (req.url === '/tokens') return middleware(req, res, () => writeTokens(req, res, done));
    if (req.url === '/next') next();
    return res.setHeader('Content-Type', 'text/html').end('<!doctype html>');
  };
  return { listener, codings };
}

/** In the page: asks for the next token when it has one, and gives them all. */
const listenToTokens = () =>
  new Promise<string[]>((resolve) => {
    const heard: string[] = [];
    const source = new EventSource('/tokens');
    source.onmessage = ({ data }) => {
      heard.push(JSON.parse(data).token);
      void fetch('/next');
    };
    source.addEventListener('end', () => {
      source.close();
      resolve(heard);
    });
  });

const hasChromium = chromiumPath() !== undefined;
const testInChromium = hasChromium ? test : test.skip;
const why = hasChromium ? '' : ' (skipped: there is no Chromium)';

describe("a browser's EventSource", () => {
  let browser: Browser | undefined;
  let server: RunningServer | undefined;
  beforeAll(async () => {
    if (hasChromium) browser = await launchChromium();
  }, 30_000);
  afterEach(() => server?.close());
  afterAll(() => browser?.close());

  testInChromium.each(['gzip', 'br'] as const)(
    `hears each token through %s before the next is written${why}`,
    async (coding) => {
      const { listener, codings } = tokenServer(coding);
      server = await listen(createServer(listener as never));
      // br is for what browsers call a secure context: the loopback interface is one by this name.
      const page = await (browser as Browser).newPage();
      await page.goto(`http://localhost:${server.port}/`);

      const heard = await page.evaluate(listenToTokens);

      expect(heard).toEqual(tokens);
      expect(new Set(codings)).toEqual(new Set([coding]));
    },
    30_000,
  );
});
