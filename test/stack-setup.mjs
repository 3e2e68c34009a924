import { tmpdir } from "node:os";
import { join } from "node:path";

/** Where the stack of this run would be: the workers inherit it. Nothing is started before a test asks. */
export default function setUp() {
  process.env["VITALOME_TEST_STACK_OF_RUN"] = join(tmpdir(), `vitalome-test-stack-${process.pid}-${Date.now()}`);
}
