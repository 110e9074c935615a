// node sse.mjs URL TOKEN: what the graphql-sse client hears, one connection for each operation.
import { createClient } from "graphql-sse";

const [url, token] = process.argv.slice(2);

async function hear(client, query) {
  const heard = [];
  try {
    for await (const result of client.iterate({ query })) heard.push(result.data ?? result.errors[0].extensions.code);
  } catch (error) {
    heard.push(error.response?.status ?? String(error));
  }
  return heard;
}

const options = { url, singleConnection: false, retryAttempts: 0 };
const known = createClient({ ...options, headers: () => ({ authorization: `Bearer ${token}` }) });
const forged = createClient({ ...options, headers: () => ({ authorization: "Bearer forged" }) });
console.log(JSON.stringify({
  subscription: await hear(known, "subscription { count(to: 3) }"),
  query: await hear(known, "{ viewer { role } }"),
  refused: await hear(known, "subscription { nothing }"),
  forged: await hear(forged, "{ viewer { role } }"),
}));
