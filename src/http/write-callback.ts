/** Told when bytes are out, or why they are not. */
export type WriteCallback = (error?: Error | null) => void;
