export { follow, followEach } from "./follow.js";
export { isFollowFailure } from "./failure.js";
