// The customer that was found, by the second way out, or one to be made.
const known = global.get("known");
const [found] = msg.payload.items;
if (found) {
  msg.customer_id = found.id;
  return [null, msg];
}
msg.url = `${known.netsuite}/services/rest/record/v1/customer`;
msg.method = "POST";
msg.headers = { Authorization: known.netsuite_authorization };
msg.payload = msg.customer;
return [msg, null];
