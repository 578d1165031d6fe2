// What each client did: one entry a feature, written when it held. README.md's table is compared with it (table.py).

import { appendFileSync } from "node:fs";

/** A client's page of the ledger. A feature that does not hold ends the run. */
export function ledger(client) {
  return async (feature, trial) => {
    try {
      await trial();
    } catch (error) {
      console.error(`${client}: ${feature} does not hold`);
      throw error;
    }
    appendFileSync(process.env.LEDGER, `${JSON.stringify({ client, feature })}\n`);
  };
}
