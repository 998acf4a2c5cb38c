import type { LineEnd } from './line-ends';

/** The lines of a text: an empty rest after the last end is none. */
export function cutLines(text: string, eol: LineEnd): string[] {
  return eol === 'any' && text.includes('\r') ? cutAtLineFeeds(withLineFeeds(text)) : cutAtLineFeeds(text);
}

function withLineFeeds(text: string): string {
  return text.replaceAll('\r\n', '\n').replaceAll('\r', '\n');
}

const carriageReturn = 13;

/** By hand, as `split()` takes longer and cannot leave out the CR of a CRLF. */
function cutAtLineFeeds(text: string): string[] {
  const lines: string[] = [];
  let start = 0;
  for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
    const hasCarriageReturn = end > start && text.charCodeAt(end - 1) === carriageReturn;
    lines.push(text.slice(start, hasCarriageReturn ? end - 1 : end));
    start = end + 1;
  }
  if (start < text.length) lines.push(text.slice(start));
  return lines;
}
