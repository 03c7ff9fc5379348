# One event and one order a line become the payloads. jq has no digest: keys are written out.
# jq computes with doubles and lowers ASCII letters only; jq 1.6 reads moments as if the clock here
# never changed, which is taken off again.
def half_up($places): pow(10; $places) as $scale
  | (if . < 0 then -1 else 1 end) as $sign | fabs * $scale + 0.5 | floor / $scale * $sign;
def amount: if . == null then 0 else tonumber end;
# Patterns are dear in jq, so they are asked only where something may match.
def tidy($length): (. // "")
  | if . != "" and (explode | max > 591 or min < 32) then gsub("[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200d-\u200f\u2600-\u27bf]|[\\x{1f000}-\\x{1faff}]"; "") else . end
  | if startswith(" ") or endswith(" ") then sub("^\\s+"; "") | sub("\\s+$"; "") else . end
  | .[:$length];
def filled($key): if . == null or . == "" then {} else {($key): .} end;
def address: {addressee: (((.firstName // "") + " " + (.lastName // "")) | tidy(83) | if . == "" then "-" else . end)}
  + (.addressLine1 | tidy(150) | filled("addr1"))
  + (.addressLine2 | tidy(150) | filled("addr2"))
  + (.city | tidy(49) | filled("city"))
  + (.state | filled("state"))
  + (.zipCode | filled("zip"))
  + (if (.country // "") == "" then {} else {country: {id: .country}} end);
def phone: (. // "") as $text | ($text | explode | map(select(. >= 48 and . <= 57)) | implode) as $digits
  | if ($digits | length) < 7 or ($digits | length) > 15 then "5555555555"
    elif $text | startswith("+") then "+" + $digits else $digits end;

.event.payload as $happened | .order.data.order as $order
| [$order.items.edges[].node | select(.status != "cancelled" and .status != "canceled")] as $live
| ($order.priceMethod == "tax_included") as $included
| [$order.addresses.edges[]?.node] as $addresses
| ($addresses | map(select(.addressType == "billing")) | first) as $billing
| ($addresses | map(select(.addressType == "shipping")) | first) as $shipping
| ($billing // $shipping) as $person
| $tables.stores[$order.channel] as $store
| ([$order.customerEmail, $happened.customer_email] | map(select(. != null and . != "")) | first) as $email
| (($email // $store.customer_email) | ascii_downcase) as $its_email
| "\($its_email) \($store.subsidiary)" as $key
| ({web: 1, store: 3}[$order.channelType]) as $channel
| (if $order.taxExempt then 5 else {USD: 7, CAD: 9}[$order.currency] end) as $tax_code
| (reduce ($order.discounts.edges[]?.node.couponCode | select(. != null)) as $code
    ([]; if index($code) then . else . + [$code] end) | join(", ")) as $memo
| ($live | map(.shippingServiceLevel | select(. != null and . != "IN_STORE_HANDOVER")) | first) as $level
| ($order.shippingTax | amount) as $shipping_tax
| (($order.shippingTotal | amount) - (if $included then $shipping_tax else 0 end)) as $shipping_cost
| ($live | map(
    . as $item | (.pricebookPrice | tonumber) as $price | (.tax | amount) as $tax
    | ((.itemDiscounts | amount) + (.orderDiscounts | amount)) as $discount
    | ($price * .quantity - (if $included then $tax else 0 end)) as $goods | ($goods - $discount) as $net
    | (if $net > 0 then $tax * 100 / $net | half_up(4) else 0 end) as $rate
    | {$discount, rest: ($tax - (if $net > 0 then $net * $rate / 100 | half_up(2) else 0 end)),
       lines: ([
         {item: {id: (if .productId == "GC-PLASTIC" or .productId == "GC-EMAIL" then "1103" else $tables.items[.productId] end)}, quantity, price: {id: "-1"}}
         + (if $included then {amount: ($goods | half_up(2))} else {rate: ($price | half_up(2))} end)
         + {custcol_nws_item_id: .id, taxCode: {id: $tax_code}, custcol_tax_rate: $rate}
       ] + (if $discount != 0 then [{item: {id: "1101"}, price: {id: "-1"}, amount: (-$discount | half_up(2)), custcol_nws_item_id: $item.id}] else [] end))}
  )) as $sold
| ((($order.discountTotal | amount) - ($sold | map(.discount) | add)) | half_up(2)) as $shipping_discount
| ((($sold | map(.rest) | add) + $shipping_tax) | half_up(2)) as $tax
| ($order.currency | ascii_downcase) as $code
| [$order.paymentAccount.instruments.edges[]?.node
    | [.paymentAccountTransactions.edges[].node] as $moves
    | ([($moves | map(select(.transactionType == "authorize") | .amount | amount) | add // 0),
        ($moves | map(select(.transactionType == "capture") | .amount | amount) | add // 0)] | max) as $amount
    | select($amount != 0)
    | (.paymentMethod | ascii_downcase) as $how | ((.paymentProvider // "unknown") | ascii_downcase) as $by
    | $tables.payment_items as $items
    | {item: {id: ($items["\($how)|\($by)|\($code)"] // $items["\($how)|\($by)|*"] // $items["\($how)|*|\($code)"] // $items["\($how)|*|*"])}, amount: ($amount | half_up(2))}
  ] as $payments
| [
  {name: "customer", record: "customer", write: "ensure", external_id: "C-\($key)",
   find: {query: "SELECT id FROM customer WHERE LOWER(email) = {customer_email} AND subsidiary = {store.subsidiary} AND isinactive = 'F'",
          values: {customer_email: $its_email, "store.subsidiary": $store.subsidiary}},
   serialize: $key,
   body: ({externalId: "C-\($key)", isPerson: true}
     + (if $email then {
         firstName: ($person.firstName | tidy(32) | if . == "" then "-" else . end),
         lastName: ($person.lastName | tidy(32) | if . == "" then "-" else . end),
         email: $its_email, phone: ($person.phone | phone)}
       else {firstName: "Dodici", lastName: $store.customer_name, email: $its_email} end)
     + {subsidiary: {id: $store.subsidiary}, custentity_nws_profilesource: {id: $channel}})},
  {name: "sales_order", record: "salesOrder", write: "create", external_id: "SO-\($order.externalId)",
   confirm: {total: 0},
   body: ({externalId: "SO-\($order.externalId)", entity: {id: {"$record": "customer", field: "id"}},
       tranDate: ($order.placedAt | .[:19] + "Z" | fromdateiso8601 | . - ((gmtime | mktime) - .) | localtime | strftime("%Y-%m-%d")),
       otherRefNum: $order.externalId}
     + ($memo | filled("memo"))
     + {currency: {id: {USD: 1, GBP: 2, CAD: 3, EUR: 4}[$order.currency]}, subsidiary: {id: $store.subsidiary},
        location: {id: $store.id}, class: {id: $store.class}, department: {id: $channel}}
     + (if $level then {shipMethod: {id: $tables.ship_methods[$level]}} else {} end)
     + (if $shipping_cost != 0 then {shippingCost: ($shipping_cost | half_up(2))} else {} end)
     + (if $billing then {billingAddress: ($billing | address)} else {} end)
     + (if $shipping then {shippingAddress: ($shipping | address)} else {} end)
     + ($happened.exchanges[0]?.order_id | filled("custbody_nws_exchange_of"))
     + {item: {items: (($sold | map(.lines[]))
         + (if $shipping_discount != 0 then [{item: {id: "1101"}, price: {id: "-1"}, amount: -$shipping_discount}] else [] end)
         + (if $tax != 0 then [{item: {id: "1102"}, price: {id: "-1"}, amount: $tax}] else [] end)
         + $payments)}})}
]
