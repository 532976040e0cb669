/* kube-proxy: when rules are written, and which endpoints they use. Pure functions, a row per rule. */
#include "model/kube_proxy.h"
#include "tests/unit/tap.h"

#define MS(n) ((n)*SIM_MS)

/* A run takes 100 ms, minSyncPeriod is 1 s. Changes arrive at these instants; runs start at those.
 * endpoints-and-traffic.md 3 and 8: E2, E4, E5. */
static void runs_start_when_the_runner_lets_them(void)
{
    enum { MAX = 8 };
    static const struct {
        const char *name;
        bool burst;
        sim_time changes[MAX], starts[MAX]; /* ends with 0, -1 */
    } rows[] = {
        {"idle: at once", false, {MS(35)}, {MS(35), -1}},
        {"the next a second after the end", false, {MS(35), MS(200)}, {MS(35), MS(1135), -1}},
        {"what comes in between is one run", false, {MS(35), MS(200), MS(500)}, {MS(35), MS(1135), -1}},
        {"what comes during a run waits, too", false, {MS(35), MS(100)}, {MS(35), MS(1135), -1}},
        {"after a second of rest: at once", false, {MS(35), MS(1135)}, {MS(35), MS(1135), -1}},
        {"E4, the gate holds until 4.145", false, {MS(3045), MS(3085)}, {MS(3045), MS(4145), -1}},
        {"a long stream: every 1.1 s",
         false,
         {MS(10), MS(50), MS(1111), MS(2211)},
         {MS(10), MS(1110), MS(2210), MS(3310), -1}},
        {"up to 1.33: two at once", true, {MS(3045), MS(3085)}, {MS(3045), MS(3145), -1}},
        {"then the bucket is empty", true, {MS(3045), MS(3200), MS(3350)}, {MS(3045), MS(3200), MS(4300), -1}},
        {"a token comes back each second", true, {MS(3045), MS(3200), MS(4200)}, {MS(3045), MS(3200), MS(4200), -1}},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct proxy_runner r;
        size_t run = 0;
        proxy_runner_init(&r, SIM_SECOND);
        tap_row("%s", rows[i].name);
        for (int k = 0; k < MAX && rows[i].changes[k]; k++) {
            if (rows[i].changes[k] <= r.start)
                continue; /* the run that is over has seen it */
            sim_time at = proxy_runner_next(&r, rows[i].changes[k], SIM_SECOND, rows[i].burst);
            CHECK_INT(at, rows[i].starts[run]);
            run++;
            proxy_runner_begin(&r, at, MS(100), SIM_SECOND);
        }
        CHECK_INT(rows[i].starts[run], -1);
    }
}

static void endpoints_are_chosen_by_policy(void)
{
    static const struct {
        const char *name;
        uint32_t counts[CHOOSE_SETS]; /* ready, terminating, local ready, local terminating */
        bool local;
        enum proxy_choice want;
    } rows[] = {
        {"ready ones", {2, 1, 0, 0}, false, CHOOSE_READY},
        {"else those that serve while they terminate", {0, 1, 0, 0}, false, CHOOSE_TERMINATING},
        {"else nobody: reject", {0, 0, 0, 0}, false, CHOOSE_REJECT},
        {"Local: those of this node", {3, 0, 1, 0}, true, CHOOSE_LOCAL_READY},
        {"Local: terminating ones of this node before ready ones elsewhere",
         {3, 1, 0, 1},
         true,
         CHOOSE_LOCAL_TERMINATING},
        {"Local: none here: drop", {3, 0, 0, 0}, true, CHOOSE_DROP},
        {"Local: terminating ones elsewhere: drop", {0, 1, 0, 0}, true, CHOOSE_DROP},
        {"Local: none anywhere: reject", {0, 0, 0, 0}, true, CHOOSE_REJECT},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].name);
        CHECK_INT(proxy_choose(rows[i].counts, rows[i].local), rows[i].want);
    }
}

static void hints_are_heeded_when_all_have_them(void)
{
    static const struct {
        const char *name;
        struct proxy_hints hints; /* ready; node hints, for this one; zone hints, for this one */
        bool nodes;
        enum proxy_topology want;
    } rows[] = {
        {"no ready endpoint", {0, 0, 0, 0, 0}, true, TOPOLOGY_ALL},
        {"no hints", {3, 0, 0, 0, 0}, true, TOPOLOGY_ALL},
        {"all have zones, one is ours", {3, 0, 0, 3, 1}, true, TOPOLOGY_SAME_ZONE},
        {"one has none", {3, 0, 0, 2, 1}, true, TOPOLOGY_ALL},
        {"none for our zone", {3, 0, 0, 3, 0}, true, TOPOLOGY_ALL},
        {"nodes before zones", {3, 3, 1, 3, 2}, true, TOPOLOGY_SAME_NODE},
        {"none for our node: zones", {3, 3, 0, 3, 2}, true, TOPOLOGY_SAME_ZONE},
        {"up to 1.33 nodes do not count", {3, 3, 1, 3, 2}, false, TOPOLOGY_SAME_ZONE},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].name);
        CHECK_INT(proxy_topology(&rows[i].hints, rows[i].nodes), rows[i].want);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(runs_start_when_the_runner_lets_them),
        TAP_TEST(endpoints_are_chosen_by_policy),
        TAP_TEST(hints_are_heeded_when_all_have_them),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
