export { createBlockCache, type BlockCache } from "./block-cache.js";
export { buildKeyIndex, type WrittenIndex } from "./key-index-build.js";
export { openKeyIndex, type KeyIndex, type ScanOptions } from "./key-index-read.js";
export type { DecodedEntry, IndexEntry } from "./key-index-format.js";
