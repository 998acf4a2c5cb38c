import { bySelector } from './element.mjs';
import { gzip } from './gzip.mjs';
import { listenForReports } from './reports.mjs';
import { formatBytes, formatCount } from './units.mjs';

const status = bySelector('#lines-status');
const shown = bySelector('#lines-count');
const button = bySelector('#lines-form button');

bySelector('#lines-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  button.disabled = true;
  try {
    status.textContent = await count();
    status.className = '';
  } catch (error) {
    status.textContent = error.message;
    status.className = 'fault';
  } finally {
    button.disabled = false;
    button.focus();
  }
});

async function count() {
  const text = bySelector('#lines-file').files[0] ?? repeatedText();
  const isGzipped = bySelector('#lines-gzip').checked;
  const body = isGzipped ? await gzip(text.stream()) : text;
  const headers = { 'Content-Type': 'text/plain', ...(isGzipped && { 'Content-Encoding': 'gzip' }) };
  const reports = listenForReports(({ lines }) => {
    shown.textContent = formatCount(lines);
  });
  const startedAt = performance.now();
  try {
    const response = await fetch(`line-counts/${reports.id}`, { method: 'POST', headers, body });
    const answer = await response.json();
    if (!response.ok) throw new Error(`${answer.status}: ${answer.message}`);
    shown.textContent = formatCount(answer.lines);
    const milliseconds = Math.round(performance.now() - startedAt);
    const size = isGzipped ? `${formatBytes(text.size)} as ${formatBytes(body.size)} of gzip` : formatBytes(text.size);
    return `${formatCount(answer.lines)} lines in ${size}, the longest of ${formatCount(answer.longest)} characters, in ${milliseconds} ms.`;
  } finally {
    reports.forget();
  }
}

/** Of bytes, which browsers join much faster than they do blobs. */
function repeatedText() {
  const bytes = new TextEncoder().encode(bySelector('#lines-text').value);
  return new Blob(Array(bySelector('#lines-repeat').valueAsNumber).fill(bytes));
}
