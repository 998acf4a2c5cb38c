import { constants, createBrotliCompress, createGunzip, createGzip, createInflate } from 'node:zlib';
import type { NextFunction, Request, Response } from 'express';

// Bodies swapped by hand. What comes next reads and writes plain bytes, whether it has heard of pipebody or not.

const decoders: ReadonlyMap<string | undefined, () => ReturnType<typeof createGunzip>> = new Map([
  ['gzip', () => createGunzip()],
  ['deflate', () => createInflate()],
]);

/** As a server has time for them; zlib's own default for br takes thirty times as long. */
const encoders = {
  br: () => createBrotliCompress({ params: { [constants.BROTLI_PARAM_QUALITY]: 4 } }),
  gzip: () => createGzip(),
};

type Coding = keyof typeof encoders;

/** decompress() also bounds what comes of a body. Here the limit of the parser behind it has to do. */
export function decodeRequest(req: Request, _res: Response, next: NextFunction): void {
  const decoder = decoders.get(req.headers['content-encoding']);
  if (decoder !== undefined) {
    delete req.headers['content-encoding'];
    req.pipeBodyThrough(decoder());
  }
  next();
}

/** Through the first of the codings given that the client takes. */
export function encodeResponse(...codings: Coding[]) {
  return (req: Request, res: Response, next: NextFunction): void => {
    const coding = codings.find((ours) => req.acceptsEncodings(ours));
    res.vary('Accept-Encoding');
    if (coding !== undefined) {
      res.set('Content-Encoding', coding);
      // The long form, for any stream: encoder.pipe(res.body); res.body = encoder;
      res.pipeBodyThrough(encoders[coding]());
    }
    next();
  };
}
