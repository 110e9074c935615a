// node ws.mjs URL TOKEN: what the graphql-ws client hears of a subscription, a query, a refusal and a bad token.
import { createClient } from "graphql-ws";
import WebSocket from "ws";

const [url, token] = process.argv.slice(2);

async function hear(client, query) {
  const heard = [];
  try {
    for await (const result of client.iterate({ query })) heard.push(result.data ?? result.errors[0].extensions.code);
  } catch (error) {
    heard.push(error.code ?? error[0].extensions.code);
  }
  return heard;
}

const options = { url, webSocketImpl: WebSocket, retryAttempts: 0, lazy: true };
const known = createClient({ ...options, connectionParams: () => ({ authorization: `Bearer ${token}` }) });
const forged = createClient({ ...options, connectionParams: () => ({ authorization: "Bearer forged" }) });
console.log(JSON.stringify({
  subscription: await hear(known, "subscription { count(to: 3) }"),
  query: await hear(known, "{ viewer { role } }"),
  refused: await hear(known, "subscription { nothing }"),
  forged: await hear(forged, "{ viewer { role } }"),
}));
await known.dispose();
await forged.dispose();
