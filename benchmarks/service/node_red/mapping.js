// The mapping of benchmarks/by_hand.py. Amounts are BigInts: of 10^-12 as read, of cents as written.
const known = global.get("known");
const { event, order } = msg;
const happened = event.payload;
const CANCELLED = ["cancelled", "canceled"];
const HANDOVER = "IN_STORE_HANDOVER";
const CHANNELS = { web: 1, store: 3 };
const CUSTOM_PRICE = { id: "-1" };
const CENT = 10n ** 10n;
const NOT_PLAIN =
  /[\0-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffd\u20e3\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u2600-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\u{1f000}-\u{1faff}\u{e0000}-\u{e0fff}\u{f0000}-\u{10ffff}]/gu;

function refuse(why) {
  throw new Error(why);
}

function money(value) {
  if (value === null || value === undefined) return 0n;
  const found = /^(-?\d+)(?:\.(\d{1,12}))?$/.exec(String(value)) || refuse(`no amount: ${value}`);
  return BigInt(found[1] + (found[2] || "").padEnd(12, "0"));
}

// A quotient rounded half up, away from zero; `whole` is positive.
function half(part, whole) {
  const rounded = (2n * (part < 0n ? -part : part) + whole) / (2n * whole);
  return part < 0n ? -rounded : rounded;
}

function nodes(connection) {
  if (!connection) return [];
  if (connection.pageInfo.hasNextPage !== false) refuse("a list is cut short");
  return (connection.edges || []).map((edge) => edge.node).filter((node) => node !== null);
}

function tidy(value, length) {
  const letters = [...(value || "").replace(NOT_PLAIN, "").trim()];
  let end = length;
  while (end && end < letters.length && /^[\p{M}\u{1f3fb}-\u{1f3ff}]/u.test(letters[end])) end -= 1;
  return letters.slice(0, end || length).join("");
}

function phone(value) {
  const digits = (value || "").replace(/[^0-9]+/g, "");
  if (digits.length < 7 || digits.length > 15) return "5555555555";
  return /^[ (\u200e]*[+＋]/.test(value) ? `+${digits}` : digits;
}

const amount = (cents) => Number(cents) / 100;
const single = (item, cents) => ({ item: { id: item }, price: CUSTOM_PRICE, amount: amount(cents) });

function paymentItem(node, currency) {
  const how = node.paymentMethod.toLowerCase();
  const by = (node.paymentProvider ?? "unknown").toLowerCase();
  const keys = [`${how}|${by}|${currency}`, `${how}|${by}|*`, `${how}|*|${currency}`, `${how}|*|*`];
  return known.payment_items[keys.find((key) => key in known.payment_items)] || refuse("no item");
}

function paidBy(node) {
  const sums = { authorize: 0n, capture: 0n };
  for (const one of nodes(node.paymentAccountTransactions)) {
    if ((one.currency ?? order.currency) !== order.currency) refuse("another currency");
    if (one.transactionType in sums) sums[one.transactionType] += money(one.amount);
  }
  return sums.authorize > sums.capture ? sums.authorize : sums.capture;
}

function address(node) {
  const body = { addressee: tidy(`${node.firstName || ""} ${node.lastName || ""}`, 83) || "-" };
  const parts = [["addr1", "addressLine1", 150], ["addr2", "addressLine2", 150], ["city", "city", 49]];
  for (const [field, key, length] of parts) {
    const value = tidy(node[key], length);
    if (value) body[field] = value;
  }
  if (node.state) body.state = node.state;
  if (node.zipCode) body.zip = node.zipCode;
  if (node.country) body.country = { id: node.country };
  return body;
}

function sell(included) {
  const sold = { lines: [], rest: 0n, discounts: 0n, owed: 0n };
  const taxCode = { id: order.taxExempt ? 5 : { USD: 7, CAD: 9 }[order.currency] };
  for (const node of nodes(order.items)) {
    if (CANCELLED.includes(node.status)) continue;
    const tax = money(node.tax);
    const discount = money(node.itemDiscounts) + money(node.orderDiscounts);
    const price = money(node.pricebookPrice ?? refuse("no price"));
    const quantity = BigInt(node.quantity);
    const goods = price * quantity - (included ? tax : 0n);
    const net = goods - discount;
    const rate = net > 0n ? half(1_000_000n * tax, net) : 0n;
    sold.rest += tax - (net > 0n ? half(net * rate, 10n ** 16n) * CENT : 0n);
    const gift = ["GC-PLASTIC", "GC-EMAIL"].includes(node.productId);
    const item = gift ? "1103" : flow.get("items")[node.productId] || refuse("no such item");
    const line = { item: { id: item }, quantity: node.quantity, price: CUSTOM_PRICE };
    let stored = half(included ? goods : price, CENT);
    line[included ? "amount" : "rate"] = amount(stored);
    if (!included) stored *= quantity;
    line.custcol_nws_item_id = String(node.id);
    line.taxCode = taxCode;
    line.custcol_tax_rate = Number(rate) / 10_000;
    sold.lines.push(line);
    if (discount) {
      sold.discounts += discount;
      const off = half(-discount, CENT);
      stored += off;
      sold.lines.push({ ...single("1101", off), custcol_nws_item_id: String(node.id) });
    }
    sold.owed += stored + half(stored * rate, 1_000_000n);
  }
  return sold.lines.length ? sold : refuse("every item is cancelled");
}

function ship(sold, included) {
  const tax = money(order.shippingTax);
  const cost = half(money(order.shippingTotal) - (included ? tax : 0n), CENT);
  const rest = half(sold.rest + tax, CENT);
  const off = half(sold.discounts - money(order.discountTotal), CENT);
  if (off) sold.lines.push(single("1101", off));
  if (rest) sold.lines.push(single("1102", rest));
  sold.owed += off + rest + cost;
  return cost;
}

function pay(sold, total) {
  let balance = sold.owed;
  for (const node of nodes(order.paymentAccount && order.paymentAccount.instruments)) {
    const paid = half(paidBy(node), CENT);
    if (!paid) continue;
    balance -= paid;
    const item = paymentItem(node, order.currency.toLowerCase());
    sold.lines.push({ item: { id: item }, amount: amount(paid) });
  }
  if (balance || sold.owed !== total) refuse("what is owed is not what is paid");
}

function customer(store, person) {
  const email = order.customerEmail || happened.customer_email;
  const its = (email || store.customer_email).toLowerCase();
  const key = crypto.createHash("sha256").update(`${its} ${store.subsidiary}`).digest("hex");
  const body = { externalId: `C-${key.slice(0, 20)}`, isPerson: true, email: its };
  body.firstName = email ? tidy(person.firstName, 32) || "-" : "Dodici";
  body.lastName = email ? tidy(person.lastName, 32) || "-" : store.customer_name;
  if (email) body.phone = phone(person.phone);
  body.subsidiary = { id: store.subsidiary };
  body.custentity_nws_profilesource = { id: CHANNELS[order.channelType] };
  return body;
}

function salesOrder(store, shipping, lines) {
  const live = nodes(order.items).filter((node) => !CANCELLED.includes(node.status));
  const level = live.map((node) => node.shippingServiceLevel).find((one) => one && one !== HANDOVER);
  const coupons = nodes(order.discounts).map((node) => node.couponCode).filter((one) => one);
  const body = { externalId: `SO-${order.externalId}`, otherRefNum: order.externalId };
  body.tranDate = global.get("day").format(new Date(order.placedAt));
  if (coupons.length) body.memo = [...new Set(coupons)].join(", ");
  body.currency = { id: { USD: 1, GBP: 2, CAD: 3, EUR: 4 }[order.currency] };
  body.subsidiary = { id: store.subsidiary };
  body.location = { id: store.id };
  body.class = { id: store.class };
  body.department = { id: CHANNELS[order.channelType] };
  if (level) body.shipMethod = { id: known.ship_methods[level] || refuse("no such shipping") };
  if (shipping) body.shippingCost = amount(shipping);
  if (billing) body.billingAddress = address(billing);
  if (delivery) body.shippingAddress = address(delivery);
  const exchanged = happened.exchanges && happened.exchanges[0] && happened.exchanges[0].order_id;
  if (exchanged) body.custbody_nws_exchange_of = exchanged;
  body.item = { items: lines };
  return body;
}

const ships = (item) => (item.shipping_service_level || HANDOVER) !== HANDOVER;
if (happened.channel_type !== "web" && !(happened.items || []).some(ships)) refuse("nothing is shipped");
if (event.name !== "order.opened" || happened.is_historical) refuse("another event, or history");
if (order.id !== happened.id) refuse("the order is not the one the event is about");
const total = half(money(order.grandTotal), CENT);
if (total && order.isExchange) refuse("the payment account of the exchange was not given");
const billing = nodes(order.addresses).find((node) => node.addressType === "billing");
const delivery = nodes(order.addresses).find((node) => node.addressType === "shipping");
const store = known.stores[order.channel];
const included = order.priceMethod === "tax_included";
const sold = sell(included);
const shipping = ship(sold, included);
pay(sold, total);
msg.customer = customer(store, billing || delivery || {});
msg.sale = salesOrder(store, shipping, sold.lines);

const quoted = [msg.customer.email, store.subsidiary].map((one) => `'${one.replace(/'/g, "''")}'`);
const where = `LOWER(email) = ${quoted[0]} AND subsidiary = ${quoted[1]} AND isinactive = 'F'`;
msg.url = `${known.netsuite}/services/rest/query/v1/suiteql`;
msg.method = "POST";
msg.headers = { Authorization: known.netsuite_authorization, Prefer: "transient" };
msg.payload = { q: `SELECT id FROM customer WHERE ${where}` };
return msg;
