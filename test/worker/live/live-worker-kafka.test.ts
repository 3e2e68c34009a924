import { defineLiveWorkerContract } from "./live-worker-contract.js";
import { logsOnKafka } from "./log-on-kafka.js";

defineLiveWorkerContract("Kafka", 30, logsOnKafka(), ["readings"]);
