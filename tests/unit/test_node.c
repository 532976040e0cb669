/* What a node decides beside its pods' syncs: mirror pods, admission, preemption. Pure functions, a row per rule. */
#include <stdio.h>
#include <string.h>

#include "model/kubelet.h"
#include "tests/unit/tap.h"

static struct pod mirror_of(const char *hash, sim_time deleted)
{
    static struct str_pair annotation;
    annotation = (struct str_pair){"kubernetes.io/config.mirror", hash};
    struct pod p = {.object.meta.deletion_timestamp = deleted};
    p.object.meta.annotations.items = &annotation;
    p.object.meta.annotations.count = 1;
    return p;
}

static void mirrors_follow_the_static_pod(void)
{
    struct pod own = {.object.meta.uid = "abc"};
    struct pod good = mirror_of("abc", SIM_NEVER);
    CHECK_INT(static_pods_mirror_action(&own, NULL), MIRROR_CREATE);
    CHECK_INT(static_pods_mirror_action(&own, &good), MIRROR_KEEP);
    struct pod edited = mirror_of("old", SIM_NEVER);
    CHECK_INT(static_pods_mirror_action(&own, &edited), MIRROR_REPLACE);
    struct pod deleted = mirror_of("abc", 25 * SIM_SECOND);
    CHECK_INT(static_pods_mirror_action(&own, &deleted), MIRROR_REPLACE);
}

/* ---- admission ---- */

struct room { /* a node with one CPU, 1Gi, one pod slot; a pod with one container */
    struct arena arena;
    struct node node;
    struct quantity_pair capacity[4], requests[3];
    struct container container;
    struct container_port port;
    struct pod pod;
    struct admission_input in;
    struct admission out;
};

static struct quantity q(struct arena *a, const char *text)
{
    struct quantity value;
    quantity_parse(a, text, &value);
    return value;
}

static void furnish(struct room *r)
{
    *r = (struct room){0};
    arena_init(&r->arena, 0);
    r->capacity[0] = (struct quantity_pair){"cpu", q(&r->arena, "1")};
    r->capacity[1] = (struct quantity_pair){"memory", q(&r->arena, "1Gi")};
    r->capacity[2] = (struct quantity_pair){"pods", q(&r->arena, "2")};
    r->capacity[3] = (struct quantity_pair){"example.com/gpu", q(&r->arena, "1")};
    r->node.status.capacity.items = r->capacity;
    r->node.status.capacity.count = 4;
    r->node.object.meta.name = "n";
    r->pod.spec.containers.items = &r->container;
    r->pod.spec.containers.count = 1;
    r->in = (struct admission_input){.pod = &r->pod, .node = &r->node};
}

static void asks_for(struct room *r, const char *resource, const char *amount)
{
    r->requests[0] = (struct quantity_pair){resource, q(&r->arena, amount)};
    r->container.resources.requests.items = r->requests;
    r->container.resources.requests.count = 1;
}

/* Asks, and says what came out in one line. */
static const char *answer(struct room *r)
{
    static char text[200];
    admission_ask(&r->arena, &r->in, &r->out);
    if (r->out.shortage_count)
        snprintf(text, sizeof text, "make room: %s %d", r->out.shortages[0].resource, (int)r->out.shortages[0].amount);
    else
        snprintf(text, sizeof text, "%s", r->out.refusal.reason ? r->out.refusal.reason : "admitted");
    arena_fini(&r->arena);
    return text;
}

static void admission_asks_in_order(void)
{
    struct room r;
    furnish(&r);
    CHECK_STR(answer(&r), "admitted");

    tap_row("memory pressure keeps BestEffort pods out");
    furnish(&r);
    r.in.pressure = 1u << PRESSURE_MEMORY;
    CHECK_STR(answer(&r), "Evicted");
    CHECK_STR(r.out.refusal.reason, "Evicted");
    tap_row("memory pressure lets others in");
    furnish(&r);
    r.in.pressure = 1u << PRESSURE_MEMORY;
    asks_for(&r, "memory", "1Mi");
    CHECK_STR(answer(&r), "admitted");
    tap_row("disk pressure keeps all out but the critical ones");
    furnish(&r);
    r.in.pressure = 1u << PRESSURE_DISK;
    asks_for(&r, "memory", "1Mi");
    CHECK_STR(answer(&r), "Evicted");
    furnish(&r);
    r.in.pressure = 1u << PRESSURE_DISK;
    r.in.critical = true;
    CHECK_STR(answer(&r), "admitted");

    tap_row("pods, then CPU");
    furnish(&r);
    r.in.used_pods = 2;
    asks_for(&r, "cpu", "2");
    CHECK_STR(answer(&r), "OutOfpods");
    furnish(&r);
    r.in.used.cpu_milli = 500;
    asks_for(&r, "cpu", "501m");
    CHECK_STR(answer(&r), "OutOfcpu");
    tap_row("exactly what is left fits");
    furnish(&r);
    r.in.used.cpu_milli = 500;
    asks_for(&r, "cpu", "500m");
    CHECK_STR(answer(&r), "admitted");
    tap_row("critical: room is made");
    furnish(&r);
    r.in.used.cpu_milli = 500;
    r.in.critical = true;
    asks_for(&r, "cpu", "700m");
    CHECK_STR(answer(&r), "make room: cpu 200");
    tap_row("extended resources, where the node has them");
    furnish(&r);
    asks_for(&r, "example.com/gpu", "2");
    CHECK_STR(answer(&r), "OutOfexample.com/gpu");
    furnish(&r);
    asks_for(&r, "example.com/fpga", "2");
    CHECK_STR(answer(&r), "admitted");

    tap_row("another node's pod");
    furnish(&r);
    r.pod.spec.node_name = "other";
    CHECK_STR(answer(&r), "NodeName");
    tap_row("a host port that is taken");
    furnish(&r);
    r.port = (struct container_port){.protocol = "TCP", .container_port = 80, .host_port = 80};
    r.container.ports.items = &r.port;
    r.container.ports.count = 1;
    const struct pod_spec *others[] = {&r.pod.spec};
    r.in.others = others;
    r.in.other_count = 1;
    CHECK_STR(answer(&r), "NodePorts");
    tap_row("NoExecute taints, not of static pods");
    struct taint taint = {"a", "b", "NoExecute", SIM_NEVER};
    for (int is_static = 0; is_static < 2; is_static++) {
        furnish(&r);
        r.node.spec.taints.items = &taint;
        r.node.spec.taints.count = 1;
        r.in.is_static = is_static;
        CHECK_STR(answer(&r), is_static ? "admitted" : "TaintToleration");
    }
    tap_row("a node that shuts down");
    furnish(&r);
    r.in.shutting_down = true;
    CHECK_STR(answer(&r), "NodeShutdown");
}

/* ---- preemption ---- */

struct crowd { /* pods a, b, c ... with these requests; NULL = none */
    struct arena arena;
    struct pod pods[4];
    struct container containers[4];
    struct quantity_pair requests[4], limits[4][2];
    struct preemption_candidate candidates[4];
    uint32_t count;
};

static void joins(struct crowd *c, const char *cpu, bool guaranteed)
{
    uint32_t i = c->count++;
    struct container *k = &c->containers[i];
    c->pods[i].spec.containers.items = k;
    c->pods[i].spec.containers.count = 1;
    c->candidates[i].pod = &c->pods[i];
    if (!cpu)
        return;
    c->limits[i][0] = (struct quantity_pair){"cpu", q(&c->arena, cpu)};
    c->limits[i][1] = (struct quantity_pair){"memory", q(&c->arena, "1Mi")};
    k->resources.requests.items = c->limits[i];
    k->resources.requests.count = 2;
    if (guaranteed)
        k->resources.limits = k->resources.requests;
}

/* "ac" when the first and the third go; "" when not even all would do. */
static const char *who_goes(struct crowd *c, int64_t milli_cpu)
{
    static char text[8];
    struct admission asked = {.shortages = {{"cpu", milli_cpu}}, .shortage_count = 1};
    char *end = text;
    if (preemption_choose(&c->arena, c->candidates, c->count, &asked))
        for (uint32_t i = 0; i < c->count; i++)
            if (c->candidates[i].chosen)
                *end++ = (char)('a' + i);
    *end = '\0';
    arena_fini(&c->arena);
    return text;
}

static void preemption_takes_as_few_as_will_do(void)
{
    static const struct {
        const char *name;
        const char *cpu[4];
        int guaranteed; /* from this one on */
        int64_t missing;
        const char *goes;
    } rows[] = {
        {"one that brings all of it, the smallest such", {"300m", "900m", "500m", NULL}, 4, 400, "c"},
        {"the largest first when none brings all", {"300m", "500m", "200m", NULL}, 4, 700, "bc"},
        {"BestEffort pods bring no CPU", {NULL, "500m", NULL, NULL}, 4, 100, "b"},
        {"Burstable before Guaranteed", {"500m", "500m", NULL, NULL}, 1, 400, "a"},
        {"Guaranteed when it takes both", {"500m", "500m", NULL, NULL}, 1, 600, "ab"},
        {"Guaranteed pods only for what Burstable ones lack", {"200m", "600m", "500m", NULL}, 1, 700, "ac"},
        {"not even all would do", {"200m", "200m", NULL, NULL}, 4, 700, ""},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct crowd c = {0};
        arena_init(&c.arena, 0);
        for (int k = 0; k < 4; k++)
            joins(&c, rows[i].cpu[k], k >= rows[i].guaranteed);
        tap_row("%s", rows[i].name);
        CHECK_STR(who_goes(&c, rows[i].missing), rows[i].goes);
    }
}

/* ---- shutdown ---- */

static void shutdown_groups_by_priority(void)
{
    struct arena a;
    struct features f;
    const struct shutdown_group *g;
    struct kubelet_config c = {.shutdown_grace_period = SIM_NEVER, .shutdown_grace_period_critical_pods = SIM_NEVER};
    arena_init(&a, 0);
    features_init(&f, MINOR_NEWEST);
    CHECK_INT(shutdown_groups(&a, &f, &c, &g), 0);
    c.shutdown_grace_period = 30 * SIM_SECOND;
    c.shutdown_grace_period_critical_pods = 10 * SIM_SECOND;
    CHECK_INT(shutdown_groups(&a, &f, &c, &g), 2);
    CHECK_INT(g[0].priority, 0);
    CHECK_INT(g[0].grace_period_seconds, 20);
    CHECK_INT(g[1].priority, 2000000000);
    CHECK_INT(g[1].grace_period_seconds, 10);
    f = (struct features){.minor = MINOR_NEWEST};
    CHECK_INT(shutdown_groups(&a, &f, &c, &g), 0);

    features_init(&f, MINOR_NEWEST);
    struct shutdown_group own[] = {{100, 10}, {0, 60}, {1000, 5}};
    c = (struct kubelet_config){.shutdown_grace_period = SIM_NEVER};
    c.shutdown_by_priority.items = own;
    c.shutdown_by_priority.count = 3;
    CHECK_INT(shutdown_groups(&a, &f, &c, &g), 3);
    static const struct {
        const char *name;
        int64_t priority;
        uint32_t group;
    } rows[] = {
        {"below the lowest: with the lowest", -5, 0},
        {"on a boundary", 100, 1},
        {"between two: the lower one", 999, 1},
        {"above the highest", 5000, 2},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%s", rows[i].name);
        CHECK_INT(shutdown_group_of(g, 3, rows[i].priority), rows[i].group);
    }
    arena_fini(&a);
}

/* ---- runAsNonRoot ---- */

static struct value boolean(bool yes) { return (struct value){.type = VALUE_BOOL, .boolean = yes}; }
static struct value integer(int64_t n) { return (struct value){.type = VALUE_INT, .integer = n}; }

static void run_as_non_root_is_checked_against_what_is_known(void)
{
    enum { UNSET = -1 };
    static const struct {
        const char *name;
        int pods, own; /* runAsNonRoot */
        int64_t pods_user, own_user;
        const char *image_user, *refused;
    } rows[] = {
        {"not asked for", UNSET, UNSET, UNSET, 0, NULL, NULL},
        {"asked for, the image is root's", 1, UNSET, UNSET, UNSET, NULL,
         "container has runAsNonRoot and image will run as root"},
        {"of the container: overrules the pod's", 1, 0, UNSET, UNSET, NULL, NULL},
        {"asked for by the container", UNSET, 1, UNSET, UNSET, "0:0",
         "container has runAsNonRoot and image will run as root"},
        {"the pod's user is another", 1, UNSET, 1000, UNSET, NULL, NULL},
        {"the container's user overrules it", 1, UNSET, 1000, 0, NULL, "container's runAsUser breaks non-root policy"},
        {"the image's user is a number", 1, UNSET, UNSET, UNSET, "101", NULL},
        {"and a group", 1, UNSET, UNSET, UNSET, "65535:root", NULL},
        {"is a name", 1, UNSET, UNSET, UNSET, "nobody:nogroup",
         "container has runAsNonRoot and image has non-numeric user (nobody), cannot verify user is non-root"},
        {"is root by name", 1, UNSET, UNSET, UNSET, "root",
         "container has runAsNonRoot and image has non-numeric user (root), cannot verify user is non-root"},
        {"no matter if runAsUser says", 1, UNSET, UNSET, 5, "nobody", NULL},
        {"the largest id", 1, UNSET, UNSET, UNSET, "2147483647", NULL},
        {"too large", 1, UNSET, UNSET, UNSET, "2147483648",
         "container has runAsNonRoot and image has an invalid user id (2147483648). (Must be 1-(2147483647)): must be "
         "between 0 and 2147483647, inclusive"},
        {"negative", 1, UNSET, UNSET, UNSET, "-7",
         "container has runAsNonRoot and image has an invalid user id (-7). (Must be 1-(2147483647)): must be between "
         "0 "
         "and 2147483647, inclusive"},
    };
    struct arena a;
    arena_init(&a, 0);
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct value values[] = {boolean(rows[i].pods == 1), integer(rows[i].pods_user), boolean(rows[i].own == 1),
                                 integer(rows[i].own_user)};
        struct value_entry entries[2][2];
        struct value maps[] = {{.type = VALUE_MAP, .entries = entries[0]}, {.type = VALUE_MAP, .entries = entries[1]}};
        const bool set[] = {rows[i].pods != UNSET, rows[i].pods_user != UNSET, rows[i].own != UNSET,
                            rows[i].own_user != UNSET};
        for (size_t k = 0; k < 4; k++)
            if (set[k])
                entries[k / 2][maps[k / 2].count++] =
                    (struct value_entry){.key = k % 2 ? "runAsUser" : "runAsNonRoot", .value = &values[k]};
        struct pod p = {.object.meta = {.name = "p", .namespace_ = "n", .uid = "u"}, .spec.security_context = &maps[0]};
        struct container c = {.name = "c", .security_context = &maps[1]};
        tap_row("%s", rows[i].name);
        const char *want =
            rows[i].refused ? arena_printf(&a, "%s (pod: \"p_n(u)\", container: c)", rows[i].refused) : "none";
        const char *got = verify_run_as_non_root(&a, &p, &c, rows[i].image_user);
        CHECK_STR(got ? got : "none", want);
    }
    arena_fini(&a);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(mirrors_follow_the_static_pod),
        TAP_TEST(admission_asks_in_order),
        TAP_TEST(preemption_takes_as_few_as_will_do),
        TAP_TEST(shutdown_groups_by_priority),
        TAP_TEST(run_as_non_root_is_checked_against_what_is_known),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
