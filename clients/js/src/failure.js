/** @import { FollowFailure } from "./index.js" */

/** @returns {FollowFailure} */
export function failed(/** @type {string} */ code, /** @type {string} */ message) {
  return { kind: "follow-failure", code, message };
}

/** @returns {thrown is FollowFailure} */
export function isFollowFailure(/** @type {unknown} */ thrown) {
  return /** @type {{ kind?: unknown } | null} */ (thrown)?.kind === "follow-failure";
}
