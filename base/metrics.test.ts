import assert from "node:assert/strict";
import { test } from "node:test";
import { keepSeries, MetricsRegistry } from "./metrics.ts";

test("metrics are written as Prometheus reads them", async () => {
  const metrics = new MetricsRegistry();
  const seconds = metrics.histogram("b_seconds", "How long.", [0.1, 1]);
  for (const value of [0.05, 0.5, 5]) seconds.of({ verb: "GET" }).observe(value);
  const total = metrics.counter("a_total", "How many.");
  total.of({ code: '2"0\\0\n' }).add();
  total.of({ code: '2"0\\0\n' }).add(2);
  metrics.gauge("c", "How much.", async () => [{ labels: {}, value: 7 }]);
  metrics.gauge("nothing", "Not there.", () => []);
  assert.equal(
    await metrics.render(),
    `# HELP a_total How many.
# TYPE a_total counter
a_total{code="2\\"0\\\\0\\n"} 3
# HELP b_seconds How long.
# TYPE b_seconds histogram
b_seconds_bucket{verb="GET",le="0.1"} 1
b_seconds_bucket{verb="GET",le="1"} 2
b_seconds_bucket{verb="GET",le="+Inf"} 3
b_seconds_sum{verb="GET"} 5.55
b_seconds_count{verb="GET"} 3
# HELP c How much.
# TYPE c gauge
c 7
`,
  );
});

test("series are made once for each value, and beyond a limit each time", () => {
  const made: string[] = [];
  const seriesOf = keepSeries((value: string) => {
    made.push(value);
    return { value };
  });
  const first = seriesOf("a");
  assert.deepEqual([first, seriesOf("b")], [{ value: "a" }, { value: "b" }]);
  assert.equal(seriesOf("a"), first);
  assert.deepEqual(made, ["a", "b"]);
  for (let index = 0; index < 20_000; index++) seriesOf(`v${index}`);
  assert.notEqual(seriesOf("late"), seriesOf("late"));
  assert.equal(seriesOf("a"), first);
});
