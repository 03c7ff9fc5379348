// The items that were not looked up before, by SuiteQL; the second way out is for when all were.
const known = global.get("known");
msg.order = msg.payload.data.order;
const items = flow.get("items") || {};
flow.set("items", items);
const skus = new Set(msg.event.payload.items.map((item) => item.product_id));
const keys = [...skus].filter((sku) => !(sku in items)).map((sku) => `'${sku}'`);
if (!keys.length) return [null, msg];
msg.url = `${known.netsuite}/services/rest/query/v1/suiteql`;
msg.method = "POST";
msg.headers = { Authorization: known.netsuite_authorization, Prefer: "transient" };
msg.payload = {
  q: `SELECT itemid, id FROM item WHERE itemid IN (${keys.join(", ")}) AND isinactive = 'F'`,
};
return [msg, null];
