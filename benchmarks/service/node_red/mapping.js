// The mapping of benchmarks/by_hand.py. Amounts are BigInts: of 10^-12 as read, of cents as written.
// Stricter: a text with an exponent is no amount. Looser: no payload is held against its schema, and
// the errors of an answer are not looked at.
const known = global.get("known");
const { event, order } = msg;
const happened = event.payload;
const included = order.priceMethod === "tax_included";
const CANCELLED = ["cancelled", "canceled"];
const SOLD = ["", "opened", "open", "created", "pending", "on_hold", "in_fulfillment"];
SOLD.push("shipped", "fulfilled", "complete", "completed");
const HANDOVER = "IN_STORE_HANDOVER";
const [DISCOUNT_ITEM, TAX_ITEM, GIFT_CARD_ITEM, CASH_ROUNDING_ITEM] = ["1101", "1102", "1103", "1104"];
const GIFT_CARDS = ["GC-PLASTIC", "GC-EMAIL"];
const CHANNELS = { web: 1, store: 3 };
const CURRENCIES = { USD: 1, CAD: 3 };
const TAX_CODES = { USD: 7, CAD: 9 };
const EXEMPT = 5;
const CUSTOM_PRICE = { id: "-1" };
const WHOLE = 10n ** 12n;
const CENT = 10n ** 10n;
const TRILLION = 10n ** 24n;
const LARGEST_ROUNDING = 5n * CENT;
const CASH_ROUNDING = { CAD: 2n * CENT };
const KINDS = {
  authorized: /^authori[sz](?:e|ed|ation)$/i,
  captured: /^captured?$/i,
  voided: /^void(?:ed)?$/i,
  refunded: /^refund(?:ed)?$/i,
  issued: /^issued?$/i,
};
const NO_PHONE = "5555555555";
const BETWEEN_PHONES = /[/;,|\n]| or | oder | ou /i;
const EXTENSION =
  /(?:(?:extension|extn|ext|x|durchwahl|dw|poste|interno|int|内線) ?[.:=]?|#) ?([0-9]{1,6})\)?$/i;
const MOMENT = /^(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d:\d\d(?:\.\d+)?)(Z|[+-]\d\d(?::?[0-5]\d)?)?$/;
const ITEM_ID = /^(?:[^\p{C}\p{Z}]|(?<!^) (?!$)){1,100}$/u;
// Letters that NetSuite takes and everybody sees; other texts are cleaned.
const COMMON = /^[ -~\xa1-\xac\xae-\u024f]*$/;
const UNSEEN =
  /[\0-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200d-\u200f\u202a-\u202e\u2060-\u206f\u3164\ufeff\uffa0\ufff9-\ufffd\u20e3\u231a\u231b\u2328\u23cf\u23e9-\u23f3\u23f8-\u23fa\u2600-\u2767\u2776-\u27bf\u2b00-\u2bff\ufe00-\ufe0f\ud800-\udfff\ue000-\uf8ff\ufdd0-\ufdef\ufffe\uffff\u{1f000}-\u{1faff}\u{1fffe}\u{1ffff}\u{2fffe}\u{2ffff}\u{3fffe}\u{3ffff}\u{e0000}-\u{e0fff}\u{f0000}-\u{10ffff}]/gu;
const BLANKS = /[ \t\n\r\f\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u2800\u3000]+/g;
const LONE_NON_JOINER = /(?<=^|\s)\u200c+|\u200c+(?=\s|$)/g;
const ONE_CHARACTER = /^(?:.[\p{M}\u200c\uff9e\uff9f]|[\u1100-\u11ff][\u1160-\u11ff])$/su;

function refuse(why) {
  throw new Error(why);
}

function find(table, key) {
  return Object.hasOwn(table, key) ? table[key] : refuse(`not in a table: ${key}`);
}

function flag(value) {
  return [true, false, null, undefined].includes(value) ? Boolean(value) : refuse(`no flag: ${value}`);
}

function text(value) {
  if (value === null || value === undefined) return "";
  return typeof value === "string" ? value : refuse(`no text: ${value}`);
}

function money(value) {
  if (value === null || value === undefined) return null;
  const found = /^(-?\d{1,20})(?:\.(\d{1,12}))?$/.exec(String(value));
  return found ? BigInt(found[1] + (found[2] || "").padEnd(12, "0")) : refuse(`no amount: ${value}`);
}

// A quotient rounded half up, away from zero; `whole` is positive.
function half(part, whole) {
  const quotient = (2n * (part < 0n ? -part : part) + whole) / (2n * whole);
  return part < 0n ? -quotient : quotient;
}

const size = (value) => (value < 0n ? -value : value);
const larger = (one, other) => (one > other ? one : other);
const sum = (values) => values.reduce((one, other) => one + other, 0n);
const cents = (value) => half(value, CENT);
const rounded = (value) => cents(value) * CENT;
const amount = (value) => Number(value) / 100;

function nodes(connection) {
  if (!connection) return [];
  if (connection.pageInfo.hasNextPage !== false) refuse("a list is cut short");
  return (connection.edges || []).map((edge) => edge.node).filter((node) => node !== null);
}

function plain(value) {
  const raw = text(value);
  if (COMMON.test(raw) && !raw.includes("  ")) return raw.trim();
  const seen = raw.replace(UNSEEN, "").replace(LONE_NON_JOINER, "");
  return seen.replace(BLANKS, " ").trim();
}

// The start of a plain text, not cut within what is written as a single character.
function tidy(value, length) {
  const seen = plain(value);
  if (seen.length <= length) return seen;
  const letters = [...seen];
  if (letters.length <= length) return seen;
  let end = length;
  while (end && ONE_CHARACTER.test(letters[end - 1] + letters[end])) end -= 1;
  return letters.slice(0, end || length).join("").trimEnd();
}

function phoneNumber(value) {
  const digits = value.replace(/[^0-9]+/g, "");
  if (digits.length < 7 || digits.length > 15) return "";
  return /^[ (]*\+/.test(value) ? `+${digits}` : digits;
}

// What a digit of any script says: every script has its ten in a row.
function digitOf(digit) {
  const code = digit.codePointAt(0);
  let before = 0;
  while (/\p{Nd}/u.test(String.fromCodePoint(code - before - 1))) before += 1;
  return String(before % 10);
}

// The first number of a text, and its extension.
function phone(value) {
  const raw = text(value);
  if (raw.length > 200) return "";
  if (/^[0-9 ().+-]*$/.test(raw)) return phoneNumber(raw);
  let seen = plain(plain(raw).normalize("NFKC")).replace(/\p{Nd}/gu, digitOf);
  const numbers = seen.split(BETWEEN_PHONES).filter((part) => part.replace(/[^0-9]+/g, "").length >= 7);
  if (numbers.length > 1) seen = numbers[0];
  const extension = EXTENSION.exec(seen);
  const number = extension && phoneNumber(seen.slice(0, extension.index));
  return number ? `${number} ext. ${extension[1]}` : phoneNumber(seen);
}

function addLine(lines, item, value) {
  lines.push({ item: { id: item }, price: CUSTOM_PRICE, amount: amount(value) });
  return value;
}

const taxOf = (net, rate) => half(net * rate, 10n ** 20n);

// In 10^-8 per cent: four places, or eight where four lose a cent.
function rateOf(tax, net) {
  if (net <= 0n) return 0n;
  const rate = half(10n ** 6n * tax, net) * 10n ** 4n;
  return taxOf(net, rate) * CENT === tax ? rate : half(10n ** 10n * tax, net);
}

function addItem(sold, amounts, taxCode) {
  const { price, gross, tax, discount, quantity } = amounts;
  const ownTax = included ? rounded(tax) : tax;
  const charged = gross - discount;
  const saved = included && discount && charged ? half(discount * ownTax, charged * CENT) * CENT : 0n;
  const goods = included ? gross - ownTax - saved : gross;
  const net = goods - (discount - saved);
  const rate = rateOf(ownTax, net);
  const line = { item: { id: amounts.item }, quantity: Number(quantity), price: CUSTOM_PRICE };
  line[included ? "amount" : "rate"] = amount(cents(included ? goods : price));
  line.custcol_nws_item_id = amounts.id;
  line.taxCode = taxCode;
  line.custcol_tax_rate = Number(rate) / 10 ** 8;
  sold.lines.push(line);
  let stored = cents(goods);
  if (discount) {
    stored += addLine(sold.lines, DISCOUNT_ITEM, cents(saved - discount));
    sold.lines[sold.lines.length - 1].custcol_nws_item_id = amounts.id;
  }
  sold.rest += ownTax - taxOf(net, rate) * CENT;
  sold.owed += stored + half(stored * rate, 10n ** 10n);
  sold.gross += gross;
  sold.discounts += discount;
  sold.taxes += tax;
  sold.slack += size(tax - rounded(tax));
}

function amountsOf(node) {
  const price = money(node.pricebookPrice);
  const [byItem, byOrder] = [money(node.itemDiscounts) ?? 0n, money(node.orderDiscounts) ?? 0n];
  const [tax, discount] = [money(node.tax) ?? 0n, byItem + byOrder];
  const quantity = (money(node.quantity) ?? 0n) / WHOLE;
  const gross = (price ?? 0n) * quantity;
  if (CANCELLED.includes(node.status)) return { gross, tax, discount };
  if (!SOLD.includes(text(node.status).toLowerCase())) refuse("an item of another status");
  if (price === null || tax < 0n || byItem < 0n || byOrder < 0n) refuse("price, tax or discount");
  if (rounded(price) !== price || rounded(discount) !== discount) refuse("a part of a cent");
  if (quantity * WHOLE !== money(node.quantity) || quantity < 1n) refuse("quantity");
  if (discount > gross) refuse("a discount above the price");
  const item = GIFT_CARDS.includes(node.productId) ? GIFT_CARD_ITEM : find(flow.get("items"), node.productId);
  const id = ITEM_ID.test(node.id) ? String(node.id) : refuse("the id of an item");
  return { price, gross, tax, discount, quantity, item, id };
}

function sell() {
  const sold = { lines: [], gross: 0n, discounts: 0n, taxes: 0n, slack: 0n, rest: 0n, owed: 0n };
  sold.lost = { gross: 0n, tax: 0n, discount: 0n };
  sold.exempt = [flag(order.taxExempt), flag(happened.tax_exempt)].includes(true);
  const taxCode = { id: sold.exempt ? EXEMPT : find(TAX_CODES, order.currency) };
  const ids = new Set();
  for (const node of nodes(order.items)) {
    const amounts = amountsOf(node);
    if (CANCELLED.includes(node.status)) {
      for (const name of Object.keys(sold.lost)) sold.lost[name] += amounts[name];
      continue;
    }
    if (ids.has(amounts.id)) refuse("an item stands twice");
    ids.add(amounts.id);
    addItem(sold, amounts, taxCode);
  }
  return ids.size ? sold : refuse("every item is cancelled");
}

// All is fulfilled from one location, and no tax contains duty.
function checkPlaces(live) {
  const given = live.map((node) => node.fulfillmentLocationId ?? null);
  const places = new Set(given.filter((place) => place !== null));
  if (live.some((node, n) => !given[n] && node.shippingServiceLevel === HANDOVER)) places.add(HANDOVER);
  if (places.size > 1) refuse("several locations");
  const attributes = (happened.items || []).flatMap((item) => item.extended_attributes || []);
  if (attributes.some((one) => String(one.name).toLowerCase() === "duty")) refuse("duty");
}

// The totals that the order says, held against their parts; `due` is without what is cancelled.
function totalsOf(sold) {
  const total = money(order.grandTotal) ?? refuse("no grandTotal");
  const [shipping, shippingTax] = [money(order.shippingTotal) ?? 0n, money(order.shippingTax) ?? 0n];
  if (total < 0n || shipping < 0n || shippingTax < 0n) refuse("an amount is negative");
  if ([total, sold.gross, shipping].some((one) => one >= TRILLION)) refuse("a trillion");
  if (rounded(shipping) !== shipping) refuse("a part of a cent");
  const taxes = sold.taxes + shippingTax;
  if (sold.exempt && taxes) refuse("an exempt order is taxed");
  const { lost } = sold;
  const [discounts, taxTotal, subtotal] = [order.discountTotal, order.taxTotal, order.subtotal].map(money);
  const before = sold.gross + lost.gross + shipping - (discounts ?? 0n);
  const isUnreduced = total === before + (included ? 0n : taxes + lost.tax);
  const lostTotal = lost.gross - lost.discount + (included ? 0n : lost.tax);
  const others = sold.discounts + (isUnreduced ? lost.discount : 0n);
  const discount = discounts === null ? 0n : discounts - others;
  if (discount < 0n || discount > shipping) refuse("discountTotal");
  const isTax = [null, taxes + lost.tax].includes(taxTotal) || size(taxes - taxTotal) <= sold.slack;
  if (!isTax) refuse("taxTotal");
  if (![null, sold.gross, sold.gross + lost.gross].includes(subtotal)) refuse("subtotal");
  const due = isUnreduced ? total - lostTotal : total;
  return { total, due, lost: lostTotal, shipping, shippingTax, discount };
}

// What shipping costs, in cents; its discount and its tax get lines.
function ship(sold, totals) {
  let { shipping: cost, shippingTax: tax, discount } = totals;
  if (included) {
    const charged = cost - discount;
    const saved = discount && charged ? half(discount * tax, charged * CENT) * CENT : 0n;
    cost -= rounded(tax) + saved;
    discount -= saved;
  }
  tax += sold.rest;
  if (totals.discount) sold.owed += addLine(sold.lines, DISCOUNT_ITEM, cents(-discount));
  if (tax) sold.owed += addLine(sold.lines, TAX_ITEM, cents(tax));
  sold.owed += cents(cost);
  return cents(cost);
}

// The sums of an instrument's transactions by kind; `latest` is the last authorisation.
function instrumentOf(node) {
  const provider = text(node.paymentProvider ?? "unknown").toLowerCase();
  const found = { method: node.paymentMethod.toLowerCase(), provider, latest: 0n };
  const kinds = Object.keys(KINDS);
  for (const kind of kinds) found[kind] = 0n;
  for (const one of nodes(node.paymentAccountTransactions)) {
    const kind = kinds.find((kind) => KINDS[kind].test(one.transactionType)) || refuse("transactionType");
    if (![order.currency, "", null, undefined].includes(one.currency)) refuse("another currency");
    const value = money(one.amount);
    const isBack = kind === "voided" || kind === "refunded";
    if (value === null && isBack) refuse("nothing is given back");
    if (value === null) continue;
    if (kind === "authorized") found.latest = value;
    found[kind] += isBack ? size(value) : value;
  }
  if (found.authorized < 0n || found.captured < 0n) refuse("a payment is negative");
  if (found.voided > found.authorized) refuse("more is voided than was authorised");
  if (paidBy(found, false) < 0n) refuse("more is refunded than was paid");
  return found;
}

// What an instrument paid; `renewed` if each authorisation replaced the one before it.
function paidBy({ authorized, captured, voided, refunded, issued, latest }, renewed) {
  const held = authorized - voided;
  if (!renewed) return larger(held, captured) - refunded + issued;
  return larger(larger(latest < held ? latest : held, captured), issued) - refunded;
}

const isOpen = (one) => one.authorized > 0n && !(one.captured || one.refunded || one.issued);

function paymentItem({ method, provider }) {
  const [both, currency] = [`${method}|${provider}`, order.currency.toLowerCase()];
  const keys = [`${both}|${currency}`, `${both}|*`, `${method}|*|${currency}`, `${method}|*|*`];
  return known.payment_items[keys.find((key) => key in known.payment_items)] || refuse("no item");
}

// What the only open authorisation holds for cancelled items.
function releasedOf(instruments, surplus, lost) {
  const opened = instruments.filter(isOpen);
  if (surplus <= 0n || surplus !== lost || opened.length !== 1) return 0n;
  return paidBy(opened[0], false) >= surplus ? surplus : 0n;
}

function pay(sold, { total, due, lost }, instruments) {
  const there = instruments.map((one) => larger(one.authorized, one.captured + one.issued));
  if (total > 0n && sum(there) < total - LARGEST_ROUNDING) refuse("payments are still to arrive");
  const paid = (renewed) => sum(instruments.map((one) => paidBy(one, renewed)));
  const renewed = paid(false) !== due && paid(true) === due;
  const surplus = paid(renewed) - due;
  const released = releasedOf(instruments, surplus, lost);
  if (surplus !== released) {
    const isCash = instruments.some((one) => one.method.split(" ").includes("cash"));
    const most = CASH_ROUNDING[order.currency] ?? 0n;
    if (!isCash || size(surplus) > most) refuse("what is due is not what is paid");
    addLine(sold.lines, CASH_ROUNDING_ITEM, cents(surplus));
  }
  for (const one of instruments) {
    const its = paidBy(one, renewed) - (isOpen(one) ? released : 0n);
    if (its) sold.lines.push({ item: { id: paymentItem(one) }, amount: amount(cents(its)) });
  }
  if (sold.owed * CENT !== due) refuse("what is owed is not what is due");
}

const ADDRESS = /^[^@\s,;:<>()[\]"\\]+@[^@\s,;:<>()[\]"\\]+\.[^@\s,;:<>()[\]"\\.]+$/;

function mailAddress(text) {
  const email = plain(text).toLowerCase();
  if (email && !ADDRESS.test(email)) refuse("the e-mail address");
  return email;
}

function customer(store, addressed) {
  const given = mailAddress(order.customerEmail) || mailAddress(happened.customer_email);
  const email = given || mailAddress(store.customer_email);
  const key = crypto.createHash("sha256").update(`${email} ${store.subsidiary}`).digest("hex");
  const { first_name: firstName, last_name: lastName } = happened.shipping_address || {};
  const people = [...addressed, { firstName, lastName }];
  const person = given && people.find((one) => plain(text(one.firstName) + text(one.lastName)));
  const body = { externalId: `C-${key.slice(0, 20)}`, isPerson: true };
  body.firstName = person ? tidy(person.firstName, 32) || "-" : "Dodici";
  body.lastName = person ? tidy(person.lastName, 32) || "-" : tidy(store.customer_name, 32);
  body.email = email;
  if (given) body.phone = addressed.map((one) => phone(one.phone)).find((one) => one) || NO_PHONE;
  body.subsidiary = { id: store.subsidiary };
  body.custentity_nws_profilesource = { id: find(CHANNELS, order.channelType) };
  return body;
}

function address(node) {
  const name = tidy(`${text(node.firstName)} ${text(node.lastName)}`, 83);
  const body = { addressee: name || "-" };
  const put = (field, value) => value && (body[field] = value);
  put("addr1", tidy(node.addressLine1, 150));
  put("addr2", tidy(node.addressLine2, 150));
  put("city", tidy(node.city, 49));
  const { countries, states, fold } = global.get("places");
  const [countryName, stateName] = [plain(node.country), plain(node.state)];
  const country = countryName && (countries.get(fold(countryName)) || refuse("no such country"));
  const listed = states.get(country);
  if (country && !listed) put("state", tidy(stateName, 30));
  else if (listed && stateName) body.state = listed.get(fold(stateName)) || refuse("no such state");
  put("zip", tidy(node.zipCode, 36));
  if (country) body.country = { id: country };
  return body;
}

function day(moment, location) {
  const [, date, time, offset] = MOMENT.exec(moment) || refuse("placedAt");
  return find(global.get("days"), location).format(new Date(`${date}T${time}${offset || "Z"}`));
}

function salesOrder(store, live, shipping, lines) {
  const levels = live.map((node) => node.shippingServiceLevel ?? HANDOVER);
  const level = levels.find((one) => one !== HANDOVER);
  const coupons = nodes(order.discounts).map((node) => node.couponCode ?? null);
  const memo = tidy([...new Set(coupons.filter((one) => one !== null))].join(", "), 999);
  const body = { externalId: `SO-${order.externalId}`, tranDate: day(order.placedAt, order.channel) };
  body.otherRefNum = tidy(order.externalId, 45);
  if (memo) body.memo = memo;
  body.currency = { id: find(CURRENCIES, order.currency) };
  body.subsidiary = { id: store.subsidiary };
  body.location = { id: store.id };
  body.class = { id: store.class };
  body.department = { id: find(CHANNELS, order.channelType) };
  if (level !== undefined) body.shipMethod = { id: find(known.ship_methods, level) };
  if (shipping) body.shippingCost = amount(shipping);
  if (billing) body.billingAddress = address(billing);
  if (delivery) body.shippingAddress = address(delivery);
  const exchanged = happened.exchanges && happened.exchanges[0] && happened.exchanges[0].order_id;
  if ((exchanged ?? null) !== null) body.custbody_nws_exchange_of = exchanged;
  body.item = { items: lines };
  return body;
}

const ships = (item) => (item.shipping_service_level || HANDOVER) !== HANDOVER;
if (happened.channel_type !== "web" && !(happened.items || []).some(ships)) refuse("nothing is shipped");
if (event.name !== "order.opened" || flag(happened.is_historical)) refuse("another event, or history");
if (flag(order.isHistorical)) refuse("history");
if (![event.tenant, event.published_at].every((one) => typeof one === "string")) refuse("the event");
if (!text(order.id) || order.id !== happened.id) refuse("the order is not the one the event is about");
if (!plain(order.externalId)) refuse("the order has no number");
const isExchange = [flag(order.isExchange), flag(happened.is_exchange)].includes(true);
if (isExchange && money(order.grandTotal) !== 0n) refuse("the payment account of the exchange was not given");
const store = find(known.stores, order.channel);
if (!store.currencies.split(" ").includes(order.currency)) refuse("not a currency of the location");
const instruments = nodes(order.paymentAccount && order.paymentAccount.instruments);
const live = nodes(order.items).filter((node) => !CANCELLED.includes(node.status));
const billing = nodes(order.addresses).find((node) => node.addressType === "billing");
const delivery = nodes(order.addresses).find((node) => node.addressType === "shipping");
checkPlaces(live);
const sold = sell();
const totals = totalsOf(sold);
const shipping = ship(sold, totals);
pay(sold, totals, isExchange ? [] : instruments.map(instrumentOf));
msg.customer = customer(store, [billing, delivery].filter((one) => one));
msg.sale = salesOrder(store, live, shipping, sold.lines);

const quoted = [msg.customer.email, store.subsidiary].map((one) => `'${one.replace(/'/g, "''")}'`);
const where = `LOWER(email) = ${quoted[0]} AND subsidiary = ${quoted[1]} AND isinactive = 'F'`;
msg.url = `${known.netsuite}/services/rest/query/v1/suiteql`;
msg.method = "POST";
msg.headers = { Authorization: known.netsuite_authorization, Prefer: "transient" };
msg.payload = { q: `SELECT id FROM customer WHERE ${where}` };
return msg;
