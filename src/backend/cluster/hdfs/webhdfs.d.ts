/** The part of the `webhdfs` package that is used; it brings no types. */
declare module "webhdfs" {
  import type { EventEmitter } from "node:events";

  /** The running request that every call returns: it emits `complete` with the answer, or `error`. */
  export interface WebhdfsRequest extends EventEmitter {
    abort(): void;
  }
  type Done = (error: unknown, value?: unknown) => void;
  export interface WebhdfsClient {
    stat(path: string, done: Done): WebhdfsRequest;
    readdir(path: string, done: Done): WebhdfsRequest;
    mkdir(path: string, mode: string, done: Done): WebhdfsRequest;
    unlink(path: string, recursive: boolean, done: Done): WebhdfsRequest;
  }
  const webhdfs: {
    createClient(
      options: Readonly<Record<string, unknown>>,
      requestParameters?: Readonly<Record<string, unknown>>,
    ): WebhdfsClient;
  };
  // eslint-disable-next-line import-x/no-default-export -- it says what the package exports
  export default webhdfs;
}
