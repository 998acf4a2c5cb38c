import { bySelector, element } from './element.mjs';
import { gzip } from './gzip.mjs';

const json = { 'Content-Type': 'application/json' };
const gzipped = { ...json, 'Content-Encoding': 'gzip' };

const attempts = {
  'too-large': () => ['limits/json', json, JSON.stringify({ text: 'x'.repeat(1989) })],
  malformed: () => ['limits/json', json, '{"a": 1,}'],
  poisoned: () => ['limits/json', json, '{"__proto__": {"isAdmin": true}}'],
  'long-line': () => ['limits/lines', { 'Content-Type': 'text/plain' }, `short\n${'x'.repeat(81)}\n`],
  bomb: async () => ['limits/gzip', gzipped, await gzip(new Blob([new Uint8Array(4_194_304)]).stream())],
  truncated: async () => ['limits/gzip', gzipped, (await gzip(new Blob(['{"a": 1}']).stream())).slice(0, -4)],
  'unknown-coding': () => ['limits/gzip', { ...json, 'Content-Encoding': 'rot13' }, '{"a": 1}'],
};

const answer = bySelector('#limits-answer');

bySelector('#limits-buttons').addEventListener('click', async ({ target }) => {
  const attempt = attempts[target.dataset.attempt];
  if (attempt === undefined) return;
  // Emptied first: a screen reader says the same error again when it comes again.
  answer.replaceChildren();
  try {
    const [url, headers, body] = await attempt();
    const response = await fetch(url, { method: 'POST', headers, body });
    const { status, type, message } = await response.json();
    show(`${status} ${type}`, message);
  } catch (error) {
    show('No answer', error.message);
  }
});

function show(heading, message) {
  answer.replaceChildren(
    element('p', { className: 'fault' }, element('strong', { textContent: heading })),
    element('p', { textContent: message }),
  );
}
