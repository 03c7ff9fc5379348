// Renders the orders of a batch with a JSONata expression, compiled once, and says the seconds.
// node jsonata.mjs PACKAGE EXPRESSION TABLES BATCH OUTPUTS: a batch has an event and an order on
// lines that take turns.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";

const [packageFolder, expressionFile, tablesFile, batchFile, outputsFile] = process.argv.slice(2);
const jsonata = createRequire(import.meta.url)(packageFolder);
const expression = jsonata(readFileSync(expressionFile, "utf8"));
const days = new Intl.DateTimeFormat("en-CA", { timeZone: "America/New_York" });
expression.assign("TABLES", JSON.parse(readFileSync(tablesFile, "utf8")));
expression.registerFunction("digest", (text) => createHash("sha256").update(text).digest("hex").slice(0, 20));
expression.registerFunction("day", (moment) => days.format(new Date(`${moment}Z`)));

const lines = readFileSync(batchFile, "utf8").trimEnd().split("\n");
const render = async (place) => {
  const document = { event: JSON.parse(lines[place]), order: JSON.parse(lines[place + 1]) };
  return JSON.stringify(await expression.evaluate(document));
};
// As long as node needs to make its fast code.
for (let place = 0; place < Math.min(lines.length, 600); place += 2) await render(place);
const outputs = [];
const start = process.hrtime.bigint();
for (let place = 0; place < lines.length; place += 2) outputs.push(await render(place));
const seconds = Number(process.hrtime.bigint() - start) / 1e9;
writeFileSync(outputsFile, outputs.join("\n") + "\n");
process.stdout.write(JSON.stringify({ seconds }) + "\n");
