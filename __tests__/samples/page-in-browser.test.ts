import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { chromiumPath, launchChromium } from '../support/chromium';
import { type RunningSample, startSample } from '../support/sample';

const isThere = chromiumPath() !== undefined;
const why = isThere ? '' : ' (skipped: there is no /usr/bin/chromium)';
const describeInBrowser = isThere ? describe : describe.skip;

describeInBrowser(`the page in Chromium${why}`, () => {
  const folder = mkdtempSync(join(tmpdir(), 'page-in-browser-'));
  const hello = { name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') };
  let sample: RunningSample;
  let browser: Browser;
  let page: Page;
  let complaints: string[];

  beforeAll(async () => {
    [sample, browser] = await Promise.all([startSample('page', { UPLOAD_DIR: folder }), launchChromium()]);
  });

  afterAll(async () => {
    await browser.close();
    await sample.stop();
    rmSync(folder, { recursive: true });
  });

  async function open(options: BrowserContextOptions = {}): Promise<void> {
    complaints = [];
    page = await browser.newPage({ reducedMotion: 'reduce', ...options });
    // Below jest's, so that a failure says what was waited for.
    page.setDefaultTimeout(15_000);
    page.on('pageerror', (error) => complaints.push(error.message));
    page.on('console', (message) => {
      // A browser itself says so of every answer that is a failure.
      const isRefusal = message.location().url.includes('/limits/');
      if (message.type() === 'error' && !isRefusal) complaints.push(message.text());
    });
    await page.goto(sample.url);
    await page.locator('#curl-lines li').first().waitFor();
  }

  beforeEach(() => open());

  afterEach(async () => {
    await page.close();
    await fetch(`${sample.url}/uploads`, { method: 'DELETE' });
    expect(complaints).toEqual([]);
  });

  const textOf = (selector: string) => page.locator(selector).first().textContent();
  const upload = (part: string) => page.locator(`.upload ${part}`);

  /** A network that takes its time, which the loopback interface does not. */
  async function slowDown(bytesPerSecond: number): Promise<void> {
    const session = await page.context().newCDPSession(page);
    await session.send('Network.emulateNetworkConditions', {
      offline: false,
      latency: 0,
      downloadThroughput: -1,
      uploadThroughput: bytesPerSecond,
    });
  }

  /** A file that is dropped as by a mouse. */
  async function drop(selector: string): Promise<void> {
    const dataTransfer = await page.evaluateHandle(`(() => {
      const dropped = new DataTransfer();
      dropped.items.add(new File(['hello'], 'a.txt'));
      return dropped;
    })()`);
    await page.dispatchEvent(selector, 'drop', { dataTransfer });
  }

  async function findings(): Promise<string[]> {
    await page.evaluate(readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8'));
    const { violations } = (await page.evaluate(`axe.run({ resultTypes: ['violations'] })`)) as {
      violations: Finding[];
    };
    return violations.map(({ id, impact, nodes }) => `${impact}: ${id} at ${nodes.map(({ target }) => target)}`);
  }

  test('both bars of an upload are full at its end, and the server has the file', async () => {
    await page.setInputFiles('#files', hello);
    await upload('.outcome:has-text("SHA-256 2cf24dba")').waitFor();

    expect(await upload('.percent').allTextContents()).toEqual(['100%', '100%']);
    await page.locator('#kept li:has-text("a.txt, 5 bytes")').waitFor();
    expect(await readdir(folder)).toHaveLength(1);
  });

  test('an upload that the browser compressed arrives as it was', async () => {
    await page.check('#upload-gzip');
    await page.setInputFiles('#files', hello);

    await upload('.outcome:has-text("SHA-256 2cf24dba")').waitFor();
  });

  test('a file that is dropped anywhere on the page is sent, and its row can be hidden', async () => {
    await drop('#curl');
    await upload('.outcome:has-text("SHA-256 2cf24dba")').waitFor();
    await page.getByRole('button', { name: 'Hide a.txt' }).click();

    expect(await upload('').count()).toBe(0);
    expect(page.url()).toBe(`${sample.url}/`);
  });

  test('an upload is cancelled half way, and the server has no file left', async () => {
    await slowDown(500_000);
    await page.setInputFiles('#files', { ...hello, buffer: Buffer.alloc(5_000_000) });
    await upload('.received[value]:not([value="0"])').waitFor();
    const filesBefore = await readdir(folder);
    await page.getByRole('button', { name: 'Cancel a.txt' }).click();
    await upload('.outcome:has-text("Cancelled; the server has removed what it had.")').waitFor();

    expect(filesBefore).toHaveLength(1);
    expect(await readdir(folder)).toEqual([]);
    expect(Number.parseInt(String(await textOf('.upload .percent')), 10)).toBeLessThan(100);
  });

  test.each([true, false])('the lines of a text are counted, compressed: %s', async (isGzipped) => {
    await page.setChecked('#lines-gzip', isGzipped);
    await page.click('#lines-form [type=submit]');
    await page.locator('#lines-status:has-text("the longest of 5 characters")').waitFor();

    expect(await textOf('#lines-count')).toBe('300,000');
  });

  test.each(['br', 'gzip', 'none'])('tokens arrive in pieces through %s', async (coding) => {
    await page.getByLabel(coding, { exact: true }).check();
    await page.click('#tokens-form [type=submit]');
    await page.locator('#tokens-status:has-text("The server sent every token.")').waitFor();
    const [used, first, tokens, pieces] = await page.locator('#tokens-measured tr > *').allTextContents();

    expect([used, tokens]).toEqual([coding, '48']);
    expect(first).toMatch(/^\d+ ms$/);
    expect(Number(pieces)).toBeGreaterThan(5);
    expect(await textOf('#tokens-text')).toMatch(/^A body is .* came to you\.$/);
  });

  test('the error of every limit that is broken is shown', async () => {
    const shown: string[] = [];
    for (const button of await page.locator('#limits-buttons button').all()) {
      await button.click();
      await page.locator('#limits-answer strong').waitFor();
      shown.push((await page.locator('#limits-answer p').allTextContents()).join(': '));
    }

    expect(shown).toEqual([
      expect.stringMatching(/^413 entity\.too\.large: .* 1024 bytes/),
      expect.stringMatching(/^400 entity\.parse\.failed: .*JSON/),
      expect.stringMatching(/^400 entity\.parse\.failed: .*__proto__/),
      expect.stringMatching(/^413 line\.too\.long: .* 80 bytes/),
      expect.stringMatching(/^413 entity\.too\.large: .* 1048576 bytes/),
      expect.stringMatching(/^400 entity\.decode\.failed: .*unexpected end/),
      expect.stringMatching(/^415 encoding\.unsupported: .*rot13/),
    ]);
  });

  test('everything is reached and worked by the keyboard', async () => {
    const steps: string[] = [];
    const focused = () => page.evaluate('document.activeElement.id || document.activeElement.textContent.trim()');
    const tabTo = async (id: string) => {
      for (let presses = 0; presses < 40 && (await focused()) !== id; presses += 1) await page.keyboard.press('Tab');
      steps.push((await focused()) as string);
    };

    page.on('filechooser', (chooser) => void chooser.setFiles(hello));
    await page.keyboard.press('Tab');
    steps.push((await focused()) as string);
    await tabTo('files');
    await page.keyboard.press('Enter');
    await upload('.outcome:has-text("Received")').waitFor();
    await page.locator('#kept-remove').waitFor();
    await tabTo('kept-remove');
    await page.keyboard.press('Enter');
    await page.locator('#kept-none').waitFor();
    await tabTo('lines-gzip');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#lines-status:has-text("lines in")').waitFor();
    await page.keyboard.press('Tab');
    await page.keyboard.press('ArrowRight');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.locator('#tokens-text:has-text("A body")').waitFor();
    steps.push((await focused()) as string);
    await page.keyboard.press('Enter');
    await page.locator('#tokens-status:has-text("tokens and no more")').waitFor();
    await tabTo('A coding that nobody knows');
    await page.keyboard.press('Space');
    await page.locator('#limits-answer strong').waitFor();

    expect(steps).toEqual([
      'Skip to the samples',
      'files',
      'kept-remove',
      'lines-gzip',
      'tokens-stop',
      'A coding that nobody knows',
    ]);
  });

  test.each(['light', 'dark'] as const)('axe finds nothing in its %s colours, empty or filled', async (colorScheme) => {
    await page.close();
    await open({ colorScheme, viewport: { width: 320, height: 700 } });
    const before = await findings();
    await page.setInputFiles('#files', hello);
    await page.click('#lines-form [type=submit]');
    await page.getByRole('button', { name: '__proto__' }).click();
    await page.click('#tokens-form [type=submit]');
    await page.locator('#tokens-status:has-text("every token")').waitFor();
    await page.locator('#kept li').waitFor();

    expect([before, await findings()]).toEqual([[], []]);
  });

  test('nothing is wider than a window of 320, 800 or 1440 pixels', async () => {
    await page.setInputFiles('#files', { ...hello, name: `${'long'.repeat(40)}.txt` });
    await page.locator('#kept li').waitFor();
    const widths: unknown[] = [];
    for (const width of [320, 800, 1440]) {
      await page.setViewportSize({ width, height: 700 });
      widths.push(await page.evaluate('document.documentElement.scrollWidth'));
    }

    expect(widths).toEqual([320, 800, 1440]);
  });
});

interface Finding {
  readonly id: string;
  readonly impact: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}
