import { systemClock } from "../../../../src/lib/index.ts";
import { MemoryLimitStore } from "../../../../src/tenancy/index.ts";
import { describeLimitStore } from "../../../support/limits/limit-store-contract.ts";

const store = new MemoryLimitStore(systemClock);

describeLimitStore("memory", () => store);
