// Node-RED without its editor, on loopback; what the flow knows is read once, at the start.
const known = JSON.parse(process.env.BENCHMARK_KNOWN);
const { places } = known;

// The calendar of each location.
const days = {};
for (const [location, store] of Object.entries(known.stores)) {
  const timeZone = store.timezone || "America/New_York";
  days[location] = new Intl.DateTimeFormat("en-CA", { timeZone });
}

// The letters and digits of a name, without case and accents.
function fold(name) {
  if (/^[a-z0-9]+$/i.test(name)) return name.toLowerCase();
  const parts = name.toUpperCase().toLowerCase().normalize("NFKD");
  return parts.replace(/[^\p{L}\p{N}\p{Mc}]/gu, "");
}

// The codes by folded name; a code stands before any name.
function byName(codes) {
  const named = Object.entries(codes).flatMap(([code, names]) => names.map((name) => [fold(name), code]));
  const own = Object.keys(codes).map((code) => [fold(code), code]);
  return new Map([...named, ...own].filter(([name]) => name));
}

const countries = byName(places.countries);
const states = new Map(Object.entries(places.states).map(([code, codes]) => [code, byName(codes)]));

module.exports = {
  uiHost: "127.0.0.1",
  httpAdminRoot: false,
  disableEditor: true,
  telemetry: { enabled: false, updateNotification: false },
  credentialSecret: false,
  functionGlobalContext: { known, days, places: { countries, states, fold } },
  logging: { console: { level: "error", metrics: false, audit: false } },
};
