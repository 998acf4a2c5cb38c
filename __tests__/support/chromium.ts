import { existsSync } from 'node:fs';
import { type Browser, chromium } from 'playwright-core';

const executablePath = process.env['CHROMIUM'] ?? '/usr/bin/chromium';

/** Why tests with a browser are skipped; undefined where there is one. */
export const withoutChromium = existsSync(executablePath)
  ? undefined
  : `skipped: there is no Chromium at ${executablePath}; CHROMIUM may name another`;

/** Starts Chromium, which talks to nobody but the test. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--headless',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
  });
}
