import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeBenchmarksPage } from '../bench/runner/benchmarks-page';
import type { Scenario } from '../bench/runner/scenario';

const scenario = {
  suite: 'forms',
  name: 'a form & its <fields>',
  metrics: [{ name: 'µs/form', better: 'less', digits: 1 }],
  variants: [{ name: 'ours' }, { name: 'rival' }],
  compare: [{ ours: 'ours', rival: 'rival', atLeast: 3 }],
  bounds: [{ variant: 'ours', metric: 'µs/form', atMost: 12 }],
  open: () => Promise.reject(new Error('is not measured here')),
} as Scenario;
const samples = new Map([
  ['ours', [{ 'µs/form': 10 }, { 'µs/form': 12 }, { 'µs/form': 11 }]],
  ['rival', [{ 'µs/form': 22 }, { 'µs/form': 20 }, { 'µs/form': 24 }]],
]);

test('the page of benchmarks keeps what was written by hand, and gets tables, verdicts and drawings', () => {
  const docs = mkdtempSync(join(tmpdir(), 'pipebody-test-'));
  const page = join(docs, 'benchmarks.md');
  const border = '<!-- From here on: npm run bench -- --write -->';
  writeFileSync(page, `# By hand\n\n${border}\n\nold numbers\n`);

  writeBenchmarksPage(docs, 'a machine', [{ scenario, samples }]);
  const text = readFileSync(page, 'utf8');
  const drawing = readFileSync(join(docs, 'benchmarks/forms.svg'), 'utf8');
  rmSync(docs, { recursive: true });

  expect(text).toMatch(/^# By hand\n\n<!-- From here on/);
  expect(text).not.toContain('old numbers');
  expect(text).toContain('### a form & its <fields> (median of 3, min-max)');
  expect(text).toContain('| rival | 22.0 (20.0-24.0) |');
  expect(text).toContain('| ours / rival | µs/form | 2.00 (1.67-2.20) | >= 3 | NOT met |');
  expect(text).toContain('| ours | µs/form | 11.0 (10.0-12.0) | <= 12 | met |');
  expect(drawing).toContain('a form &amp; its &lt;fields&gt;');
  // The longer bar is as long as there is room, ours is half of it.
  expect([...drawing.matchAll(/width="(\d+)" height/g)].map(([, width]) => Number(width))).toEqual([175, 350]);
});
