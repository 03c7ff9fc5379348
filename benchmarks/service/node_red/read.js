// What NetSuite made of the sales order.
const known = global.get("known");
msg.url = `${msg.headers.location}?expandSubResources=true&simpleEnumFormat=true`;
msg.method = "GET";
msg.headers = { Authorization: known.netsuite_authorization };
msg.payload = "";
return msg;
