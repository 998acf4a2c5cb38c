import './uploads.mjs';
import './lines.mjs';
import './tokens.mjs';
import './limits.mjs';

const curlLines = await (await fetch('curl-lines')).json();
document.querySelector('#curl-lines').textContent = curlLines.join('\n');
