import { createEmbeddedFiles } from "../../../src/backend/embedded/files.js";
import { createStore } from "../../lake/build.js";
import { defineCleanUpContract } from "../contract/clean-up.js";

defineCleanUpContract("embedded", async () => {
  const { root, files, dispose } = await createStore();
  return { files, other: await createEmbeddedFiles({ root }), dispose };
});
