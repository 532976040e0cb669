/* test_endpointslice.c - which slices a Service should have: packing, groups of ports, hints; and the part of the
 * Endpoints controller that leaves some out. semantics/endpoints-and-traffic.md 1, 2, 10.
 */
#include <string.h>

#include "model/endpoints.h"
#include "model/endpointslice_reconcile.h"
#include "tests/unit/tap.h"

enum { PODS_MAX = 300, SLICES_MAX = 8, ZONES = 3 };

static struct arena arena;

struct cluster_facts {
    struct service *service;
    const struct pod *pods[PODS_MAX];
    const struct node *nodes[PODS_MAX];
    const struct endpoint_slice *slices[SLICES_MAX];
    uint32_t pod_count, slice_count;
    struct topology topology;
    struct service_hints hints;
    struct slice_plan plan;
};

static struct node *make_node(const char *name, const char *zone, const char *cpu)
{
    struct node *n = api_new(&arena, kind_infos[KIND_NODE].type, struct node);
    n->object.kind = KIND_NODE;
    n->object.meta.name = name;
    if (zone)
        n->object.meta.labels = map_with(&arena, &n->object.meta.labels, "topology.kubernetes.io/zone", zone);
    n->status.conditions.items = arena_new(&arena, struct node_condition);
    n->status.conditions.items[0] = (struct node_condition){.type = "Ready", .status = "True"};
    n->status.conditions.count = 1;
    n->status.allocatable.items = arena_new(&arena, struct quantity_pair);
    n->status.allocatable.count = 1;
    n->status.allocatable.items[0].key = "cpu";
    CHECK(quantity_parse(&arena, cpu, &n->status.allocatable.items[0].value) == NULL);
    return n;
}

static void add_pod(struct cluster_facts *f, const struct node *node, int64_t port)
{
    struct pod *p = api_new(&arena, kind_infos[KIND_POD].type, struct pod);
    uint32_t i = f->pod_count++;
    p->object.kind = KIND_POD;
    p->object.meta.name = arena_printf(&arena, "p%u", i);
    p->object.meta.uid = arena_printf(&arena, "uid%u", i);
    p->object.meta.namespace_ = "default";
    p->object.meta.deletion_timestamp = SIM_NEVER;
    p->object.ordinal = i + 1;
    p->spec.node_name = node ? node->object.meta.name : "gone";
    p->spec.containers.items = arena_new(&arena, struct container);
    p->spec.containers.count = 1;
    p->spec.containers.items[0].ports.items = arena_new(&arena, struct container_port);
    p->spec.containers.items[0].ports.items[0] =
        (struct container_port){.name = "http", .protocol = "TCP", .container_port = port};
    p->spec.containers.items[0].ports.count = 1;
    p->status.phase = "Running";
    p->status.pod_ip = arena_printf(&arena, "10.244.%u.%u", i / 250, i % 250 + 1);
    p->status.conditions.items = arena_new(&arena, struct pod_condition);
    p->status.conditions.items[0] = (struct pod_condition){.type = "Ready", .status = "True"};
    p->status.conditions.count = 1;
    f->pods[i] = p;
    f->nodes[i] = node;
}

static void remove_pods(struct cluster_facts *f, uint32_t first, uint32_t count)
{
    memmove(f->pods + first, f->pods + first + count, (f->pod_count - first - count) * sizeof *f->pods);
    memmove(f->nodes + first, f->nodes + first + count, (f->pod_count - first - count) * sizeof *f->nodes);
    f->pod_count -= count;
}

static void init(struct cluster_facts *f, const char *target_port)
{
    *f = (struct cluster_facts){.service = api_new(&arena, kind_infos[KIND_SERVICE].type, struct service)};
    struct service *s = f->service;
    s->object.kind = KIND_SERVICE;
    s->object.meta.name = "web";
    s->object.meta.namespace_ = "default";
    s->object.meta.uid = "service";
    s->spec.cluster_ip = "10.96.0.50";
    s->spec.ports.items = arena_new(&arena, struct service_port);
    s->spec.ports.count = 1;
    s->spec.ports.items[0] = (struct service_port){.protocol = "TCP", .port = 80};
    s->spec.ports.items[0].target_port = (struct int_or_string){.number = 8080, .text = target_port, .set = true};
    service_hints_init(&f->hints, &arena);
}

/* Decides and makes the changes, as the API server would. */
static void reconcile(struct cluster_facts *f)
{
    static struct features features;
    features_init(&features, MINOR_NEWEST);
    const struct slice_facts facts = {.service = f->service,
                                      .pods = {f->pods, f->pod_count},
                                      .nodes = f->nodes,
                                      .slices = f->slices,
                                      .slice_count = f->slice_count,
                                      .max_endpoints = 100,
                                      .features = &features,
                                      .topology = &f->topology,
                                      .hints = &f->hints};
    slices_reconcile(&arena, &arena, &facts, &f->plan);
    for (uint32_t i = 0; i < f->plan.count; i++) {
        const struct slice_change *c = &f->plan.changes[i];
        uint32_t at = 0;
        while (at < f->slice_count && f->slices[at] != c->was)
            at++;
        if (!c->now) {
            memmove(f->slices + at, f->slices + at + 1, (f->slice_count - at - 1) * sizeof *f->slices);
            f->slice_count--;
            continue;
        }
        struct owner_reference *owner = arena_new(&arena, struct owner_reference);
        *owner = (struct owner_reference){.api_version = "v1", .kind = "Service", .uid = "service"};
        c->now->object.meta.owner_references.items = owner;
        c->now->object.meta.owner_references.count = 1;
        f->slices[at] = c->now;
        f->slice_count += at == f->slice_count;
    }
}

/* "100 37 *" : how many endpoints each slice has; * = it was written. */
static const char *sizes(const struct cluster_facts *f)
{
    const char *text = "";
    for (uint32_t i = 0; i < f->slice_count; i++) {
        bool written = false;
        for (uint32_t k = 0; k < f->plan.count; k++)
            written |= f->plan.changes[k].now == f->slices[i];
        text =
            arena_printf(&arena, "%s%s%u%s", text, *text ? " " : "", f->slices[i]->endpoints.count, written ? "*" : "");
    }
    return text;
}

static void slices_are_filled_and_left_alone(void)
{
    struct cluster_facts f;
    init(&f, NULL);
    const struct node *node = make_node("n", NULL, "4");
    reconcile(&f);
    CHECK_STR(sizes(&f), "0*"); /* a placeholder */
    CHECK_INT(f.slices[0]->ports.count, 0);
    reconcile(&f);
    CHECK_STR(sizes(&f), "0");
    for (int i = 0; i < 250; i++)
        add_pod(&f, node, 8080);
    reconcile(&f); /* the placeholder is written over with the last new one */
    CHECK_STR(sizes(&f), "50* 100* 100*");
    CHECK_INT(f.plan.count, 3);
    remove_pods(&f, 10, 30); /* of the first hundred: nothing moves into the gap */
    reconcile(&f);
    CHECK_STR(sizes(&f), "50 70* 100");
    add_pod(&f, node, 8080); /* fits best where it becomes fullest */
    reconcile(&f);
    CHECK_STR(sizes(&f), "50 71* 100");
    remove_pods(&f, 215, 1); /* one leaves the small slice, forty come: that one is written anyway */
    for (int i = 0; i < 40; i++)
        add_pod(&f, node, 8080);
    reconcile(&f);
    CHECK_STR(sizes(&f), "89* 71 100");
    remove_pods(&f, 0, f.pod_count);
    reconcile(&f); /* the first one that goes becomes the placeholder */
    CHECK_STR(sizes(&f), "0*");
    CHECK_INT(f.plan.count, 3);
}

static void pods_that_resolve_a_port_differently_are_apart(void)
{
    struct cluster_facts f;
    init(&f, "http");
    const struct node *node = make_node("n", NULL, "4");
    for (int i = 0; i < 3; i++)
        add_pod(&f, node, i == 1 ? 81 : 80);
    reconcile(&f);
    CHECK_STR(sizes(&f), "2* 1*");
    CHECK_INT(f.slices[0]->ports.items[0].port.value, 80);
    CHECK_INT(f.slices[1]->ports.items[0].port.value, 81);
    remove_pods(&f, 1, 1);
    reconcile(&f);
    CHECK_STR(sizes(&f), "2");
}

static void a_pod_of_a_missing_node_is_left_out(void)
{
    struct cluster_facts f;
    init(&f, NULL);
    add_pod(&f, make_node("n", NULL, "4"), 8080);
    add_pod(&f, NULL, 8080);
    reconcile(&f);
    CHECK_STR(sizes(&f), "1*");
    CHECK_STR(f.plan.skipped, "skipping Pod p1 for Service default/web: Node gone Not Found");
    f.service->spec.publish_not_ready_addresses = true;
    reconcile(&f);
    CHECK_STR(sizes(&f), "2*");
    CHECK(f.plan.skipped == NULL);
}

/* "a a b -": zones for which the endpoints are, in order. */
static const char *zones(const struct cluster_facts *f)
{
    const char *text = "";
    for (uint32_t i = 0; i < f->slices[0]->endpoints.count; i++) {
        const struct endpoint_hints *h = f->slices[0]->endpoints.items[i].hints;
        text = arena_printf(&arena, "%s%s", text, h && h->for_zones.count ? h->for_zones.items[0].name : "-");
    }
    return text;
}

static void endpoints_are_shared_out_by_cpu(void)
{
    static const struct {
        const char *name, *cpu[ZONES], *pods, *want, *event;
    } rows[] = {
        {"each for its own zone", {"4", "4", "4"}, "abcabc", "abcabc", "TopologyAwareHintsEnabled"},
        {"a surplus goes to who has too few", {"4", "4", "4"}, "aaaabc", "bcaabc", "TopologyAwareHintsEnabled"},
        {"more CPUs, more endpoints", {"8", "4", "4"}, "abcabcaa", "abcabcaa", "TopologyAwareHintsEnabled"},
        {"fewer than zones", {"4", "4", "4"}, "ab", "--", "TopologyAwareHintsDisabled"},
        {"a share cannot be had", {"20", "1", "1"}, "abc", "---", "TopologyAwareHintsDisabled"},
        {"a node without CPUs", {"4", "4", "0"}, "abc", "---", "TopologyAwareHintsDisabled"},
    };
    for (size_t row = 0; row < ARRAY_LEN(rows); row++) {
        struct cluster_facts f;
        const struct node *nodes[ZONES];
        static const char *const names[ZONES] = {"a", "b", "c"};
        tap_row("%s", rows[row].name);
        init(&f, NULL);
        f.service->object.meta.annotations =
            map_with(&arena, &f.service->object.meta.annotations, "service.kubernetes.io/topology-mode", "Auto");
        for (int z = 0; z < ZONES; z++)
            nodes[z] = make_node(names[z], names[z], rows[row].cpu[z]);
        topology_set_nodes(&f.topology, &arena, nodes, ZONES);
        for (const char *p = rows[row].pods; *p; p++)
            add_pod(&f, nodes[*p - 'a'], 8080);
        reconcile(&f);
        CHECK_STR(zones(&f), rows[row].want);
        CHECK_STR(f.plan.event.reason, rows[row].event);
        reconcile(&f);
        CHECK_INT(f.plan.count, 0); /* it stays so */
    }
}

static void endpoints_are_for_their_own_zone(void)
{
    struct cluster_facts f;
    init(&f, NULL);
    f.service->spec.traffic_distribution = "PreferClose";
    add_pod(&f, make_node("n", "a", "4"), 8080);
    add_pod(&f, make_node("m", "b", "4"), 8080);
    reconcile(&f);
    CHECK_STR(zones(&f), "ab");
    CHECK_INT(f.slices[0]->endpoints.items[0].hints->for_nodes.count, 0);
    f.service->spec.traffic_distribution = "PreferSameNode";
    reconcile(&f);
    CHECK_STR(f.slices[0]->endpoints.items[1].hints->for_nodes.items[0].name, "m");
    f.service->spec.traffic_distribution = NULL;
    reconcile(&f);
    CHECK_STR(zones(&f), "--");
}

static void a_part_of_a_subset_is_rounded_up(void)
{
    static const struct {
        uint32_t here, all, most, left, want;
    } rows[] = {
        {1500, 1500, 1000, 1000, 1000},
        {600, 1200, 1000, 1000, 500},
        {1, 1201, 1000, 1000, 1},
        {1200, 1201, 1000, 999, 999},
        {0, 0, 0, 0, 0},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++)
        CHECK_INT(endpoints_part(rows[i].here, rows[i].all, rows[i].most, rows[i].left), rows[i].want);
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(slices_are_filled_and_left_alone),    TAP_TEST(pods_that_resolve_a_port_differently_are_apart),
        TAP_TEST(a_pod_of_a_missing_node_is_left_out), TAP_TEST(endpoints_are_shared_out_by_cpu),
        TAP_TEST(endpoints_are_for_their_own_zone),    TAP_TEST(a_part_of_a_subset_is_rounded_up),
    };
    arena_init(&arena, 0);
    int result = tap_run(tests, ARRAY_LEN(tests));
    arena_fini(&arena);
    return result;
}
