import './uploads.mjs';
import './lines.mjs';
import './tokens.mjs';
import './limits.mjs';
import { bySelector, element } from './element.mjs';

const curlLines = await (await fetch('curl-lines')).json();
const items = curlLines.map((line) => element('li', {}, element('code', { textContent: line })));
bySelector('#curl-lines').replaceChildren(...items);
