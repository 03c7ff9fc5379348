// The sales order of the customer, which was made or found.
const known = global.get("known");
const id = msg.customer_id || msg.headers.location.split("/").pop();
msg.url = `${known.netsuite}/services/rest/record/v1/salesOrder`;
msg.method = "POST";
msg.headers = { Authorization: known.netsuite_authorization };
msg.payload = { ...msg.sale, entity: { id } };
return msg;
