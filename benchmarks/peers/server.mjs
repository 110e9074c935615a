// node server.mjs NAME PORT: one of the servers below on 127.0.0.1, until it is ended.
import { createServer } from "node:http";
import { context, resolvers, typeDefs } from "./schema.mjs";

const SECONDS = 60;

async function apollo(port, cached) {
  const { ApolloServer } = await import("@apollo/server");
  const { expressMiddleware } = await import("@as-integrations/express5");
  const { default: express } = await import("express");
  const plugins = [];
  if (cached) {
    const { ApolloServerPluginCacheControl } = await import("@apollo/server/plugin/cacheControl");
    const { default: responseCache } = await import("@apollo/server-plugin-response-cache");
    plugins.push(ApolloServerPluginCacheControl({ defaultMaxAge: SECONDS }), responseCache());
  }
  const server = new ApolloServer({ typeDefs, resolvers, plugins });
  await server.start();
  const app = express();
  app.use("/graphql", express.json(), expressMiddleware(server, { context: async () => context() }));
  app.listen(port, "127.0.0.1");
}

async function yoga(port, plugins) {
  const { createSchema, createYoga } = await import("graphql-yoga");
  const server = createYoga({ schema: createSchema({ typeDefs, resolvers }), context, plugins, logging: false });
  createServer(server).listen(port, "127.0.0.1");
}

const servers = {
  apollo: (port) => apollo(port, false),
  "apollo-cache": (port) => apollo(port, true),
  yoga: (port) => yoga(port, []),
  "yoga-jit": async (port) => {
    const { useGraphQlJit } = await import("@envelop/graphql-jit");
    await yoga(port, [useGraphQlJit()]);
  },
  "yoga-cache": async (port) => {
    const { useResponseCache } = await import("@graphql-yoga/plugin-response-cache");
    await yoga(port, [useResponseCache({ session: () => "one", ttl: SECONDS * 1000, includeExtensionMetadata: false })]);
  },
};

const [name, port] = process.argv.slice(2);
await servers[name](Number(port));
