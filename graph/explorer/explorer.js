"use strict";

const config = JSON.parse(document.getElementById("config").textContent);
const parameters = new URLSearchParams(window.location.search);
const KEPT = "homeroom:token";
let token = "";

function remember(value) {
  token = value.trim();
  sessionStorage.setItem(KEPT, token);
}

function offerViewers(labels) {
  const select = document.getElementById("viewer");
  select.append(new Option("nobody", ""), ...labels.map((label) => new Option(label.replaceAll("_", " "), config.tokens[label])));
  const kept = sessionStorage.getItem(KEPT);
  const known = [...select.options].some((option) => option.value === kept);
  select.value = known ? kept : config.tokens[labels[0]];
  remember(select.value);
  select.addEventListener("change", () => remember(select.value));
  select.parentElement.hidden = false;
}

function offerToken() {
  const input = document.getElementById("token");
  input.value = sessionStorage.getItem(KEPT) ?? "";
  remember(input.value);
  input.addEventListener("input", () => remember(input.value));
  input.parentElement.hidden = false;
}

function withToken(headers) {
  const own = Object.keys(headers ?? {}).some((name) => name.toLowerCase() === "authorization");
  return own || !token ? { ...headers } : { ...headers, Authorization: `Bearer ${token}` };
}

const labels = Object.keys(config.tokens);
if (labels.length > 0) offerViewers(labels);
else offerToken();

const address = new URL(window.location.pathname, window.location.href);
const socket = new URL(address);
socket.protocol = address.protocol === "https:" ? "wss:" : "ws:";
const send = GraphiQL.createFetcher({
  url: address.href,
  subscriptionUrl: socket.href,
  enableIncrementalDelivery: false,
});

function Explorer() {
  return React.createElement(GraphiQL, {
    fetcher: (request, options) => send(request, { ...options, headers: withToken(options?.headers) }),
    defaultTabs: config.tabs.length > 0 ? config.tabs : undefined,
    defaultEditorToolsVisibility: true,
    query: parameters.get("query") ?? undefined,
    variables: parameters.get("variables") ?? undefined,
    plugins: [React.useMemo(() => GraphiQLPluginExplorer.explorerPlugin(), [])],
    inputValueDeprecation: true,
    isHeadersEditorEnabled: true,
    shouldPersistHeaders: false,
  });
}

ReactDOM.createRoot(document.getElementById("explorer")).render(React.createElement(Explorer));
