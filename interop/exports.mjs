// What flows are taken away as, read by tools that none of us wrote: HAR by har-validator, Mermaid drawn by
// mermaid-cli in a real browser. Every flow that the other clients left in the record, and hostile ones made here.

import assert from "node:assert/strict";
import { renderMermaid } from "@mermaid-js/mermaid-cli";
import har from "har-validator";
import puppeteer from "puppeteer";

const where = JSON.parse(process.env.GRANTSCOPE);
const hostile = [
  "\"><script>alert(1)</script>", "a; b # c %% d", "end", "x->>y: z\nNote over x: w", "{{x}} `code` $x$ \\u0041", "#quot;&lt;b&gt;",
  "]]></script>", "日本語 ‮evil‬ \u0007", "%00%0a%0d", "participant x as y", "<br/><img src=x onerror=alert(1)>", "---\ntitle: \"x\"\n---",
];

// A stranger's requests, with that text wherever text can stand.
for (const text of hostile) {
  const agent = text.replace(/[^\x20-\x7e]/g, "?");
  const query = new URLSearchParams({ response_type: text, client_id: "web", redirect_uri: `http://x/${text}`, scope: text, state: text, error: text });
  await fetch(`${where.auth_server}/authorize?${query}`, { headers: { "user-agent": agent }, redirect: "manual" });
  const body = new URLSearchParams({ grant_type: text, client_id: text, code: text, [text]: text });
  await fetch(`${where.auth_server}/token`, { method: "POST", body, headers: { "user-agent": agent, accept: agent } });
  await fetch(`${where.resource_server}/photos`, { headers: { authorization: `Bearer ${agent}`, "user-agent": agent } });
}
await new Promise((resolve) => setTimeout(resolve, 1000));

const { flows } = await (await fetch(`${where.client_app}/api/flows?limit=1000`)).json();
assert.ok(flows.length > hostile.length, `${flows.length} flows are too few`);

const get = async (flow, format, values, language) => {
  const answer = await fetch(`${where.client_app}/flows/${flow.id}/flow.${format}?values=${values}`, { headers: { "accept-language": language } });
  assert.equal(answer.status, 200, `${format} of ${flow.id}`);
  return answer.text();
};

const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM, args: ["--no-sandbox", "--disable-gpu", "--disable-quic"] });
const draw = async (text) => {
  const { data } = await renderMermaid(browser, text, "svg");
  return new TextDecoder().decode(data);
};

try {
  // The tools say no to what is wrong: else their yes means nothing.
  await assert.rejects(draw("sequenceDiagram\n  a->>: b\n  end"), "mermaid-cli draws what is no diagram");
  await assert.rejects(har.har({ log: { version: "1.2", creator: { name: "x", version: "1" }, entries: [{ time: 1 }] } }));

  // A diagram that differs from another only in what was drawn at random is drawn once: a drawing costs a second.
  const shapes = new Set();
  const shape = (diagram) => diagram.replace(/[\w-]{16,}/g, "~").replace(/\d+/g, "0");
  let read_through = 0;
  for (const [index, flow] of flows.entries()) {
    for (const values of ["redacted", "shown"]) {
      const text = await get(flow, "har", values, "en");
      const read = JSON.parse(text);
      read_through += 1;
      await har.har(read).catch((error) => assert.fail(`${flow.id} ${values}: ${JSON.stringify(error.errors ?? error)}`));
      const whole = await (await fetch(`${where.client_app}/api/flows/${flow.id}`)).json();
      const http = whole.exchanges.filter((exchange) => exchange.kind === "http");
      assert.equal(read.log.entries.length, http.length, "an entry for each exchange over HTTP");

      const diagram = await get(flow, "mmd", values, index % 2 ? "zh-CN" : "en");
      if (shapes.has(shape(diagram))) continue;
      shapes.add(shape(diagram));
      const svg = await draw(diagram).catch((error) => assert.fail(`${error.message}\n${diagram}`));
      const markup = /<(script|img|iframe|a)\b|<[a-z][^>]*\son[a-z]+\s*=/i.exec(svg);
      assert.equal(markup, null, `captured text is drawn as markup\n${diagram}`);
      const arrows = (svg.match(/class="messageLine[01]"/g) ?? []).length;
      assert.equal(arrows, 2 * http.length, `two arrows for each exchange\n${diagram}`);
    }
  }
  assert.ok(shapes.size > 2 * hostile.length, `${shapes.size} diagrams are too few`);
  console.log(`har-validator: ${read_through} files of ${flows.length} flows; mermaid-cli: ${shapes.size} diagrams that differ; hostile ones too: all hold`);
} finally {
  await browser.close();
}
