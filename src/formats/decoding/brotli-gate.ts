/** The versions that say whether the decoder of Brotli is sound; `process.versions` has them. */
export interface DecoderVersions {
  readonly node?: string | undefined;
  readonly brotli?: string | undefined;
}

/** CVE-2026-111497 is in Brotli 1.0.3 to 1.2.0; fixed in these patch releases of its lines, and in all later lines. */
const soundBrotli: readonly Version[] = [
  [1, 0, 10],
  [1, 1, 1],
  [1, 2, 1],
];

/** The fixed releases of Node, which may have patched the Brotli they carry without a new number. */
const soundNode: readonly Version[] = [
  [22, 23, 4],
  [24, 22, 1],
  [26, 12, 1],
];

type Version = readonly [major: number, minor: number, patch: number];

/** Whether bytes of a client may be given to the decoder of Brotli: one that lacks the fix writes out of bounds. */
export function isBrotliSound({ node, brotli }: DecoderVersions): boolean {
  return isFixedBrotli(parseVersion(brotli)) || isFixedNode(parseVersion(node));
}

function isFixedBrotli([major, minor, patch]: Version): boolean {
  const line = soundBrotli.find((fixed) => fixed[0] === major && fixed[1] === minor);
  if (line !== undefined) return patch >= line[2];
  return major > 1 || (major === 1 && minor > 2);
}

function isFixedNode([major, minor, patch]: Version): boolean {
  const line = soundNode.find((fixed) => fixed[0] === major);
  if (line !== undefined) return minor > line[1] || (minor === line[1] && patch >= line[2]);
  return major > 26;
}

/** An unknown version is none that is fixed. */
function parseVersion(text = ''): Version {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)$/.exec(text) ?? [];
  return [Number(major ?? 0), Number(minor ?? 0), Number(patch ?? 0)];
}
