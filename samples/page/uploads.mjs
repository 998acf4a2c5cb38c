import { bySelector, element } from './element.mjs';
import { gzip } from './gzip.mjs';
import { listenForReports, maxReportMs } from './reports.mjs';
import { settledLater } from './settled-later.mjs';
import { formatBytes } from './units.mjs';

const input = bySelector('#files');
const drop = bySelector('.drop');
const status = bySelector('#upload-status');

// A browser opens six connections to a server; some are left for the rest of the page.
const maxAtOnce = 3;
const waiting = [];
let underWay = 0;

input.addEventListener('change', () => {
  add(input.files);
  input.value = '';
});
// Anywhere on the page: a browser leaves it for a file that is dropped beside its place.
for (const type of ['dragover', 'dragleave', 'drop']) {
  addEventListener(type, (event) => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    drop.classList.toggle('over', type === 'dragover');
    if (type === 'drop') add(event.dataTransfer.files);
  });
}
// Long enough for the bars to be seen, and to be cancelled, where no network lies between.
bySelector('#upload-made').addEventListener('click', () => {
  add([new File(Array(256).fill(new Uint8Array(1_048_576)), 'made-here.bin')]);
});
bySelector('#kept-remove').addEventListener('click', async () => {
  await fetch('uploads', { method: 'DELETE' });
  status.textContent = 'The server removed its files.';
  await showKept();
  input.focus();
});

function add(files) {
  for (const file of files) waiting.push(showUpload(file, bySelector('#upload-gzip').checked));
  startNext();
}

function startNext() {
  while (underWay < maxAtOnce && waiting.length > 0) {
    underWay += 1;
    waiting
      .shift()
      .start()
      .finally(() => {
        underWay -= 1;
        startNext();
        return showKept();
      });
  }
}

function showUpload(file, isGzipped) {
  const sent = showBar('Sent by the browser', 'sent');
  const received = showBar('Received by the server', 'received');
  const outcome = element('p', { className: 'outcome', textContent: 'Waiting.' });
  const button = element('button', { type: 'button' });
  const bars = element('div', { className: 'bars' }, ...sent.parts, ...received.parts);
  const name = element('span', { textContent: `${file.name}, ${formatBytes(file.size)}` });
  const item = element('li', { className: 'upload' }, name, button, bars, outcome);
  bySelector('#uploads').append(item);
  const controller = new AbortController();
  const finish = (text, isFault) => {
    outcome.textContent = text;
    outcome.classList.toggle('fault', isFault);
    status.textContent = `${file.name}: ${text}`;
    offer('Hide', () => {
      item.remove();
      input.focus();
    });
  };
  // One button, which stays in the page while it may have the focus.
  const offer = (label, act) => {
    button.textContent = label;
    button.setAttribute('aria-label', `${label} ${file.name}`);
    button.onclick = act;
  };
  offer('Cancel', () => {
    outcome.textContent = 'Cancelling.';
    controller.abort();
  });
  const start = async () => {
    outcome.textContent = 'Under way.';
    try {
      const [kept] = await send(file, { isGzipped, sent, received, signal: controller.signal });
      received.show(1);
      finish(`Received, SHA-256 ${kept.sha256}`, false);
    } catch (error) {
      finish(error.message, true);
    }
  };
  return { start };
}

function showBar(label, className) {
  const bar = element('progress', { className, max: 1, value: 0 });
  bar.setAttribute('aria-label', label);
  const percent = element('span', { className: 'percent', textContent: '0%' });
  const show = (part) => {
    bar.value = part;
    percent.textContent = `${Math.floor(part * 100)}%`;
  };
  return { parts: [element('span', { textContent: label }), bar, percent], show };
}

async function send(file, { isGzipped, sent, received, signal }) {
  if (signal.aborted) throw new Error('Cancelled before it was sent.');
  const form = new FormData();
  form.append('file', file);
  const encoded = isGzipped ? await encode(form) : { body: form, headers: {} };
  const removal = settledLater();
  const reports = listenForReports(({ received: bytes, expected, failed }) => {
    if (failed === undefined) received.show(expected > 0 ? bytes / expected : 0);
    else removal.resolve('Cancelled; the server has removed what it had.');
  });
  try {
    return await post(`uploads/${reports.id}`, encoded, (part) => sent.show(part), signal);
  } catch (error) {
    if (!signal.aborted) throw error;
    setTimeout(removal.resolve, maxReportMs, 'Cancelled.');
    throw new Error(await removal.promise);
  } finally {
    reports.forget();
  }
}

/** The form as bytes with their media type, which has the boundary, compressed. */
async function encode(form) {
  const response = new Response(form);
  const type = response.headers.get('Content-Type');
  return { body: await gzip(response.body), headers: { 'Content-Type': type, 'Content-Encoding': 'gzip' } };
}

/** By XMLHttpRequest: fetch() does not tell what it has sent. */
function post(url, { body, headers }, onProgress, signal) {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', url);
    request.responseType = 'json';
    for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
    request.upload.addEventListener('progress', ({ loaded, total }) => onProgress(loaded / total));
    request.addEventListener('load', () => {
      if (request.status === 200) resolve(request.response);
      else reject(new Error(`${request.status}: ${request.response?.message ?? 'no reason given'}`));
    });
    request.addEventListener('error', () => reject(new Error('The connection broke, or the file cannot be read.')));
    request.addEventListener('abort', () => reject(new Error('Cancelled.')));
    signal.addEventListener('abort', () => request.abort());
    // Cancelled while it was compressed.
    if (signal.aborted) reject(new Error('Cancelled.'));
    else request.send(body);
  });
}

async function showKept() {
  const kept = await (await fetch('uploads')).json();
  const items = kept.map(({ originalname, size }) =>
    element('li', { textContent: `${originalname}, ${formatBytes(size)}` }),
  );
  bySelector('#kept').replaceChildren(...items);
  bySelector('#kept-none').hidden = kept.length > 0;
  bySelector('#kept-remove').hidden = kept.length === 0;
}

await showKept();
