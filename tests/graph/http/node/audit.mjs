// node audit.mjs URL: every audit of graphql-http as one JSON list.
import { auditServer } from "graphql-http";

const results = await auditServer({ url: process.argv[2] });
const told = [];
for (const result of results) {
  told.push({ id: result.id, name: result.name, status: result.status, reason: result.reason ?? null });
}
console.log(JSON.stringify(told));
