import { bySelector, element } from './element.mjs';
import { listenForReports, maxReportMs } from './reports.mjs';
import { settledLater } from './settled-later.mjs';
import { formatBytes } from './units.mjs';

const form = bySelector('#tokens-form');
const start = form.querySelector('[type=submit]');
const stop = bySelector('#tokens-stop');
const text = bySelector('#tokens-text');
const status = bySelector('#tokens-status');
let controller;

form.addEventListener('submit', async (event) => {
  event.preventDefault();
  controller = new AbortController();
  start.disabled = true;
  stop.disabled = false;
  stop.focus();
  text.textContent = '';
  status.textContent = 'Streaming.';
  try {
    status.textContent = await stream(new FormData(form).get('coding'), controller.signal);
  } catch (error) {
    status.textContent = error.message;
  } finally {
    const hadFocus = document.activeElement === stop || document.activeElement === document.body;
    start.disabled = false;
    stop.disabled = true;
    if (hadFocus) start.focus();
  }
});
stop.addEventListener('click', () => controller.abort());

async function stream(wanted, signal) {
  const report = settledLater();
  const reports = listenForReports(report.resolve);
  const row = addRow(wanted);
  try {
    await readTokens(`tokens/${reports.id}?coding=${wanted}`, row, signal);
    return 'The server sent every token.';
  } catch (error) {
    if (!signal.aborted) throw error;
    setTimeout(report.resolve, maxReportMs, {});
    const { tokens } = await report.promise;
    return tokens === undefined ? 'Stopped.' : `Stopped: the server made ${tokens} tokens and no more.`;
  } finally {
    reports.forget();
  }
}

async function readTokens(url, row, signal) {
  const startedAt = performance.now();
  const response = await fetch(url, { signal });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  row.show({ coding: response.headers.get('Content-Encoding') ?? row.codingWithout });
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  let tokens = 0;
  for (let pieces = 1; ; pieces += 1) {
    const { value, done } = await reader.read();
    if (done) break;
    const events = (rest + value).split('\n\n');
    rest = events.pop();
    if (tokens === 0 && events.length > 0) row.show({ first: `${Math.round(performance.now() - startedAt)} ms` });
    tokens += events.length;
    text.append(...events.map((event) => JSON.parse(event.slice('data: '.length)).token));
    row.show({ tokens, pieces });
  }
  showBytes(new URL(url, location.href).href, row);
}

/** The browser tells them a little after the end. */
function showBytes(href, row) {
  const observer = new PerformanceObserver((list) => {
    const [timing] = list.getEntriesByName(href);
    if (timing === undefined) return;
    row.show({ bytes: formatBytes(timing.encodedBodySize) });
    observer.disconnect();
  });
  observer.observe({ type: 'resource', buffered: true });
}

/** A row of the table. A browser takes br from secure and local servers alone. */
function addRow(wanted) {
  const cells = Object.fromEntries(
    ['coding', 'first', 'tokens', 'pieces', 'bytes'].map((name) => [
      name,
      element(name === 'coding' ? 'th' : 'td', name === 'coding' ? { scope: 'row' } : {}),
    ]),
  );
  const show = (values) => {
    for (const [name, value] of Object.entries(values)) cells[name].textContent = value;
  };
  show({ coding: '–', first: '–', tokens: 0, pieces: 0, bytes: '–' });
  bySelector('#tokens-measured').prepend(element('tr', {}, ...Object.values(cells)));
  return { show, codingWithout: wanted === 'identity' ? 'none' : `none: no ${wanted} in this browser, from here` };
}
