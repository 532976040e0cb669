/* gen_behaviour.c - random behaviours: what containers do, said in the scenario or in annotations. */
#include "tests/prop/gen_private.h"

struct group { /* one key, and what may be said under it */
    const char *key;
    uint32_t one_in;
    const char *texts[7];
};

static const struct group groups[] = {
    {"run", 4, {"7s", "40s", "{between: [3s, 20s]}", "{around: 15s, spread: 3s}"}},
    {"exit", 5, {"0", "1", "3", "42"}},
    {"startup", 3, {"6s", "0s", "{oneOf: [1s, 9s]}", "{around: 5s, spread: 2s}"}},
    {"listen", 4, {"80", "[80, 5000]"}},
    {"http",
     3,
     {"503", "{port: 80, path: /healthz, status: 500, every: 30s, for: 12s}", "{status: 500, from: 20s, until: 35s}",
      "[{path: /healthz, latency: {between: [100ms, 3s]}}, {status: 302, location: /healthz}]",
      "{path: /*, latency: 2s, from: 15s, for: 20s}", "{while: service s0 has no endpoints, status: 404}",
      "{bodyLatency: 2s, every: 20s, for: 3s}"}},
    {"tcp",
     5,
     {"{answer: silent, from: 25s, for: 20s}", "{port: 80, answer: refused, every: 20s, for: 6s}",
      "{answer: reset, every: 33s, for: 9s}", "{answer: drop, from: 30s}"}},
    {"grpc",
     5,
     {"{port: 5000, service: other, status: NOT_SERVING, every: 20s, for: 7s}",
      "{port: 5000, status: SERVING, latency: 2s}", "[{port: 5000, status: SERVICE_UNKNOWN, from: 30s}]"}},
    {"exec",
     3,
     {"{command: cat, from: 10s, for: 20s}", "{command: cat, exit: 1, every: 25s, for: 7s}", "0",
      "[{command: sleep, latency: 2s}, {command: 'true', exit: 1, while: service s1 has endpoints}]",
      "{latency: {between: [0s, 2s]}, output: said}"}},
    {"healthy", 6, {"while service s0 has endpoints", "service default/s1 has no endpoints"}},
    {"memory", 5, {"20Mi", "[10Mi, {at: 20s, use: 80Mi}]"}},
    {"memoryPerRequest", 8, {"1Mi", "9Mi"}},
    {"cpu", 8, {"100m"}},
    {"log",
     3,
     {"hello", "{text: tick, every: 3s}", "[{text: tick, every: 7s, at: 2s, until: 60s}, {text: late, at: 31s}]",
      "{text: asked, onRequest: '*'}", "[{text: asked, onRequest: /healthz}, {text: tick, every: 1s}]"}},
    {"stop",
     4,
     {"ignore", "{drain: 4s}", "{drain: {between: [1s, 9s]}, refuse: true, exit: 3}", "{exit: 7}", "reload"}},
    {"signals", 8, {"{SIGHUP: reload}", "{SIGTERM: ignore, SIGINT: {exit: 9}}"}},
    {"hang", 8, {"20s", "{between: [5s, 60s]}"}},
    {"crash",
     6,
     {"{at: 15s, signal: SIGSEGV}", "{afterRequests: 3}", "{path: /healthz, exit: 42, afterRequests: 2}",
      "[{at: {between: [5s, 50s]}, exit: 3}, {path: /, signal: SIGKILL}]"}},
    {"runs", 5, {"[{exit: 1}, {run: 5s, exit: 1}, {}]", "[{startup: 9s}, {http: 200}]"}},
};

/* "run: 7s, exit: 1": at least one thing. */
static void add_behaviour(struct gen *g)
{
    bool any = false;
    while (!any) {
        for (size_t i = 0; i < ARRAY_LEN(groups); i++) {
            size_t count = 0;
            while (count < ARRAY_LEN(groups[i].texts) && groups[i].texts[count])
                count++;
            if (!gen_one_in(g, groups[i].one_in * 2))
                continue;
            strbuf_printf(g->out, "%s%s: %s", any ? ", " : "", groups[i].key, gen_pick(g, groups[i].texts, count));
            any = true;
        }
    }
}

void gen_behaviours(struct gen *g)
{
    static const char *const whose[] = {"pod: p0, ",         "pod: 'p[12]', container: a, ", "container: b, ",
                                        "container: 'i*', ", "labels: {app: db}, ",          "namespace: other, "};
    if (!g->behaviours)
        return;
    strbuf_puts(g->out, "  behaviours:\n");
    for (uint32_t n = 1 + gen_throw(g, 3); n > 0; n--) {
        strbuf_printf(g->out, "  - {%s", GEN_PICK(g, whose));
        add_behaviour(g);
        strbuf_puts(g->out, "}\n");
    }
}

void gen_annotations(struct gen *g)
{
    if (!g->behaviours || !gen_one_in(g, 3))
        return;
    strbuf_printf(g->out, ", annotations: {podsim.dev/behaviour%s: \"{", gen_one_in(g, 2) ? ".a" : "");
    add_behaviour(g);
    strbuf_puts(g->out, "}\"}");
}
