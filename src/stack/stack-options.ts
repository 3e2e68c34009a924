import type { InstallOptions } from "./install/downloads.js";

export interface StackOptions extends InstallOptions {
  /** Everything of the stack lies below; made where there is none. */
  readonly folder: string;
}
