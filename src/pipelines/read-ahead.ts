/**
 * So many bytes read ahead and not examined pause a source: one whole chunk of a socket is not too much. As the default
 * of `pauseWriterThreshold`.
 */
export const pauseThreshold = 65_536;

/** It goes on below this. */
export const resumeThreshold = 32_768;
