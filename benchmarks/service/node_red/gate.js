// So many orders at once as NetSuite allows requests; the others wait here, first in, first out.
const waiting = context.get("waiting") || [];
let running = context.get("running") || 0;
if (msg.done) running -= 1;
else waiting.push(msg);
while (running < global.get("known").allowance && waiting.length) {
  running += 1;
  node.send(waiting.shift(), false);
}
context.set("waiting", waiting);
context.set("running", running);
