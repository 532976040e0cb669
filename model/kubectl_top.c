/* kubectl_top.c - kubectl top pod and top node: what metrics-server says.
 * kubectl pkg/cmd/top, pkg/metricsutil/metrics_printer.go (v1.36). Left out on purpose: what a node uses beside its
 * pods.
 */
#include "model/cluster.h"
#include "model/kubectl_private.h"
#include "model/metrics_server.h"
#include "model/printer.h"

struct usage {
    int64_t cpu_milli, bytes;
};

static bool pod_usage(struct kubectl_run *r, const struct api_object *pod, struct usage *u)
{
    const struct kubelets *ks = cluster_kubelets(r->cluster);
    struct pod_metric cpu, memory;
    if (!metrics_of_pod(ks, pod->ordinal, NULL, METRIC_CPU, &cpu) ||
        !metrics_of_pod(ks, pod->ordinal, NULL, METRIC_MEMORY, &memory))
        return false;
    u->cpu_milli += cpu.value;
    u->bytes += memory.value / 1000;
    return true;
}

static bool node_usage(struct kubectl_run *r, const struct api_object *node, struct usage *u)
{
    uint32_t cursor = 0;
    bool any = false;
    for (const struct api_object *o; (o = store_next(r->store, KIND_POD, &cursor)) != NULL;)
        if (text_is(((const struct pod *)o)->spec.node_name, node->meta.name))
            any |= pod_usage(r, o, u);
    return any;
}

static void number_cell(struct kubectl_run *r, struct table *t, int64_t n, const char *unit)
{
    table_cell(t, arena_printf(r->arena, "%" PRId64 "%s", n, unit));
}

enum { MEBI = 1024 * 1024 };

static void put_row(struct kubectl_run *r, struct table *t, const struct api_object *o, const struct usage *u)
{
    const struct node *n = o->kind == KIND_NODE ? (const struct node *)o : NULL;
    int64_t cpus = n ? node_allocatable(n, "cpu", 0) : 0, bytes = n ? node_allocatable(n, "memory", 0) : 0;
    if (!n && r->command->all_namespaces)
        table_cell(t, o->meta.namespace_);
    table_cell(t, o->meta.name);
    number_cell(r, t, u->cpu_milli, "m");
    if (n)
        number_cell(r, t, cpus ? u->cpu_milli * 100 / cpus : 0, "%");
    number_cell(r, t, u->bytes / MEBI, "Mi");
    if (n)
        number_cell(r, t, bytes ? u->bytes * 100 / bytes : 0, "%");
    table_end_row(t);
}

static void put_header(struct kubectl_run *r, struct table *t, bool nodes)
{
    static const char *const of_pods[] = {"NAME", "CPU(cores)", "MEMORY(bytes)", NULL};
    static const char *const of_nodes[] = {"NAME", "CPU(cores)", "CPU(%)", "MEMORY(bytes)", "MEMORY(%)", NULL};
    if (!nodes && r->command->all_namespaces)
        table_cell(t, "NAMESPACE");
    for (const char *const *c = nodes ? of_nodes : of_pods; *c; c++)
        table_cell(t, *c);
    table_end_row(t);
}

void kubectl_top(struct kubectl_run *r)
{
    object_list list = kubectl_targets(r);
    if (list.count == 0)
        return;
    bool nodes = list.items[0]->kind == KIND_NODE, any = false;
    struct table t = TABLE_INIT;
    kubectl_sort_by_name(&list);
    put_header(r, &t, nodes);
    for (uint32_t i = 0; i < list.count; i++) {
        struct usage u = {0};
        if (!(nodes ? node_usage : pod_usage)(r, list.items[i], &u))
            continue;
        put_row(r, &t, list.items[i], &u);
        any = true;
    }
    if (any)
        table_print(&t, r->out);
    else
        kubectl_fail(r, "error: metrics not available yet");
    table_fini(&t);
}
