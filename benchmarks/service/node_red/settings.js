// Node-RED without its editor, on loopback; what the flow knows is read once, at the start.
const known = JSON.parse(process.env.BENCHMARK_KNOWN);
const day = new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York" });

module.exports = {
  uiHost: "127.0.0.1",
  httpAdminRoot: false,
  disableEditor: true,
  telemetry: { enabled: false, updateNotification: false },
  credentialSecret: false,
  functionGlobalContext: { known, day },
  logging: { console: { level: "error", metrics: false, audit: false } },
};
