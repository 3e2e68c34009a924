export { buildKeyIndex } from "./key-index-build.js";
export { createBlockCache, openKeyIndex, type BlockCache, type KeyIndex } from "./key-index-read.js";
export type { DecodedEntry, IndexEntry } from "./key-index-format.js";
