/* gen_traffic.c - clients that send requests to whatever the world has, and may not have.
 *
 * They have dice of their own: a world is the same with and without them.
 */
#include "sim/rng.h"
#include "tests/prop/gen_private.h"

static const char *const targets[] = {"s0",        "s0",         "s1:80/healthz", "web",           "s0.default:80/slow",
                                      "s0:81",     "nobody",     "10.96.0.77",    "s1/missing",    "w",
                                      "web/ready", "10.244.0.9", "node1:30080",   "localhost:8080"};
static const char *const rates[] = {"1", "7", "33", "500m", "100"};
static const char *const pauses[] = {"10ms", "333ms", "2s"};
static const char *const times[] = {"50ms", "1s", "3s", "12s"};
static const char *const caches[] = {"0s", "2s", "7100ms"};

struct dice {
    uint64_t seed, thrown;
};

static uint32_t throw_dice(struct dice *d, uint32_t sides)
{
    return (uint32_t)rng_below(rng_draw(d->seed, 3, 0, d->thrown++), sides);
}
static bool one_in(struct dice *d, uint32_t n) { return throw_dice(d, n) == 0; }
#define PICK(d, list) (list)[throw_dice((d), ARRAY_LEN(list))]

static void add_client(struct strbuf *b, struct dice *d, uint32_t n, uint32_t pods)
{
    strbuf_printf(b, "  - {name: c%u, to: '%s'", n, PICK(d, targets));
    bool rate = !one_in(d, 4);
    if (rate)
        strbuf_printf(b, ", rate: %s", PICK(d, rates));
    else
        strbuf_printf(b, ", concurrency: %u, pause: %s", 1 + throw_dice(d, 4), PICK(d, pauses));
    if (one_in(d, 3))
        strbuf_printf(b, ", from: {pod: p%u}", throw_dice(d, pods));
    else if (one_in(d, 3))
        strbuf_puts(b, ", from: {node: node1}");
    if (one_in(d, 3))
        strbuf_printf(b, ", connections: %u", rate ? 1 + throw_dice(d, 6) : 1);
    if (one_in(d, 3))
        strbuf_printf(b, ", retries: %u", 1 + throw_dice(d, 3));
    if (one_in(d, 3))
        strbuf_printf(b, ", timeout: %s", PICK(d, times));
    if (one_in(d, 5))
        strbuf_printf(b, ", connectTimeout: %s", PICK(d, times));
    if (one_in(d, 3))
        strbuf_printf(b, ", start: %u.%us", throw_dice(d, 20), throw_dice(d, 10));
    if (one_in(d, 3))
        strbuf_printf(b, ", stop: %u.%us", 21 + throw_dice(d, 60), throw_dice(d, 10));
    if (one_in(d, 3))
        strbuf_printf(b, ", dnsCache: %s", PICK(d, caches));
    strbuf_puts(b, one_in(d, 4) ? ", balance: random}\n" : "}\n");
}

void gen_traffic(uint64_t seed, uint32_t pods, struct strbuf *out)
{
    struct dice dice = {.seed = seed}, *d = &dice;
    if (!one_in(d, 3))
        return;
    strbuf_puts(out, "  traffic:\n");
    for (uint32_t n = 0, count = 1 + throw_dice(d, 3); n < count; n++)
        add_client(out, d, n, pods);
}
