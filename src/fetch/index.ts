export { createHttp } from "./http.js";
export { KNOWN_GENES, checkRegion, parseRegion, regionOfGene, regionText, type Region } from "./region.js";
export type { RemoteTools } from "./remote-file.js";
export { fetchSlice, type SliceReport, type SliceRequest } from "./slice.js";
export { FETCH_SOURCES, fileOf, findSource, type FetchSource, type SourceFile } from "./sources.js";
export { fetchWhole, type WholeReport, type WholeRequest } from "./whole.js";
