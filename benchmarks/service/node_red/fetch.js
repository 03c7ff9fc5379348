// The order as NewStore has it.
const known = global.get("known");
msg.event = msg.payload;
msg.url = `${known.newstore}/api/v1/org/data/query`;
msg.method = "POST";
msg.headers = { Authorization: known.newstore_authorization };
msg.payload = {
  query: known.query,
  variables: { id: msg.event.payload.id, tenant: msg.event.tenant },
};
return msg;
