/* gen_action.c - random actions: what users type, and what befalls the cluster. */
#include "model/fault.h"
#include "tests/prop/gen_private.h"

#include <string.h>

enum { ACTIONS_END = 100 }; /* seconds */

static void begin(struct gen *g, const char *what)
{
    uint32_t seconds = gen_throw(g, ACTIONS_END), tenth = gen_throw(g, 10);
    strbuf_printf(g->out, "  - {at: %u.%us, %s: '", seconds + g->variant.shift_s, tenth, what);
}

static void end(struct gen *g) { strbuf_puts(g->out, "'}\n"); }

static const char *a_container(struct gen *g, uint32_t pod)
{
    const struct gen_pod *p = &g->pods[pod];
    return p->containers[gen_throw(g, p->container_count)];
}

static void kubectl_delete(struct gen *g, uint32_t pod)
{
    static const char *const how[] = {
        "", "", "", " --grace-period=1", " --grace-period=20", " --now", " --force --grace-period=0"};
    begin(g, "kubectl");
    strbuf_printf(g->out, "delete pod p%u --ignore-not-found%s", pod, GEN_PICK(g, how));
    end(g);
}

static void kubectl_edit(struct gen *g, uint32_t pod)
{
    begin(g, "kubectl");
    switch (gen_throw(g, 8)) {
    case 0:
        strbuf_printf(g->out, "label pod p%u app=%s --overwrite", pod, gen_one_in(g, 2) ? "web" : "off");
        break;
    case 1:
        strbuf_printf(g->out, "set image pod/p%u %s=%s", pod, a_container(g, pod),
                      gen_one_in(g, 2)   ? "nginx:1.27"
                      : gen_one_in(g, 2) ? "busybox:1.36"
                                         : "gone");
        break;
    case 2:
        strbuf_printf(g->out, "annotate pod p%u note=%u --overwrite", pod, gen_throw(g, 9));
        break;
    case 3:
        strbuf_printf(
            g->out,
            "patch pod p%u --type=json -p \"[{\\\"op\\\":\\\"remove\\\",\\\"path\\\":\\\"/metadata/finalizers\\\"}]\"",
            pod);
        break;
    case 4:
        strbuf_printf(g->out,
                      "patch pod p%u --subresource=status -p \"{\\\"status\\\":{\\\"conditions\\\":[{\\\"type\\\":"
                      "\\\"example.com/gate\\\",\\\"status\\\":\\\"%s\\\"}]}}\"",
                      pod, gen_one_in(g, 3) ? "False" : "True");
        break;
    case 6: /* the kubelet stops what the API calls finished */
        strbuf_printf(g->out,
                      "patch pod p%u --subresource=status -p \"{\\\"status\\\":{\\\"phase\\\":\\\"Failed\\\"}}\"", pod);
        break;
    case 5:
        strbuf_printf(g->out, "patch pod p%u -p \"{\\\"spec\\\":{\\\"activeDeadlineSeconds\\\":%u}}\"", pod,
                      1 + gen_throw(g, 30));
        break;
    default:
        strbuf_printf(
            g->out,
            "patch pod p%u --type=json -p \"[{\\\"op\\\":\\\"remove\\\",\\\"path\\\":\\\"/spec/schedulingGates\\\"}]\"",
            pod);
        break;
    }
    end(g);
}

static void kubectl_resize(struct gen *g, uint32_t pod)
{
    static const char *const resources[] = {
        "\\\"requests\\\":{\\\"cpu\\\":\\\"200m\\\"}",
        "\\\"requests\\\":{\\\"cpu\\\":\\\"1500m\\\"}",
        "\\\"requests\\\":{\\\"cpu\\\":\\\"90\\\"}",
        "\\\"requests\\\":{\\\"memory\\\":\\\"300Mi\\\"},\\\"limits\\\":{\\\"memory\\\":\\\"400Mi\\\"}",
    };
    bool sidecar = gen_use(g, GEN_SIDECARS, 3);
    begin(g, "kubectl");
    strbuf_printf(g->out,
                  "patch pod p%u --subresource=resize -p \"{\\\"spec\\\":{\\\"%s\\\":[{\\\"name\\\":\\\"%s\\\","
                  "\\\"resources\\\":{%s}}]}}\"",
                  pod, sidecar ? "initContainers" : "containers", sidecar ? "i0" : "a", GEN_PICK(g, resources));
    end(g);
}

static void kubectl_exec(struct gen *g, uint32_t pod)
{
    static const char *const commands[] = {"kill 1", "kill -9 1", "rm -f /tmp/ok", "touch /tmp/ok", "sleep 5", "false"};
    begin(g, "kubectl");
    strbuf_printf(g->out, "exec p%u -c %s -- %s", pod, a_container(g, pod), GEN_PICK(g, commands));
    end(g);
}

static void kubectl_node(struct gen *g)
{
    static const char *const how[] = {
        "cordon node%u", "uncordon node%u", "taint nodes node%u dedicated=web:NoSchedule --overwrite",
        "taint nodes node%u dedicated=web:NoExecute --overwrite", "taint nodes node%u dedicated-"};
    begin(g, "kubectl");
    uint32_t node = 1 + gen_throw(g, g->node_count);
    const char *text = GEN_PICK(g, how);
    for (; *text; text++) {
        if (text[0] == '%' && text[1] == 'u')
            strbuf_int(g->out, node), text++;
        else
            strbuf_putc(g->out, *text);
    }
    end(g);
}

/* ---- faults: the model's own table ---- */

static const char *flag_value(struct gen *g, const char *flag, uint32_t pod)
{
    static const char *const signals[] = {"KILL", "TERM", "INT", "9"};
    static const char *const durations[] = {"1s", "4s", "15s", "40s"};
    if (strcmp(flag, "container") == 0)
        return a_container(g, pod);
    if (strcmp(flag, "signal") == 0)
        return GEN_PICK(g, signals);
    static const char *const memory[] = {"50Mi", "90Mi", "1Gi"}, *const disk[] = {"3%", "8%", "12%", "50%"};
    if (strcmp(flag, "memory") == 0)
        return GEN_PICK(g, memory);
    if (strcmp(flag, "disk") == 0 || strcmp(flag, "inodes") == 0)
        return GEN_PICK(g, disk);
    if (strcmp(flag, "pids") == 0)
        return "10";
    if (strcmp(flag, "error") == 0)
        return "nothing-answers";
    if (strcmp(flag, "filename") == 0 || strcmp(flag, "file") == 0)
        return gen_one_in(g, 2) ? "s0.yaml" : "s1.yaml";
    if (strcmp(flag, "use") == 0)
        return gen_one_in(g, 2) ? "100Mi" : "2Gi";
    if (strcmp(flag, "memory") == 0)
        return gen_one_in(g, 2) ? "50Mi" : "1Gi";
    if (strcmp(flag, "disk") == 0)
        return gen_one_in(g, 2) ? "4%" : "50%";
    if (strcmp(flag, "inodes") == 0 || strcmp(flag, "pids") == 0)
        return gen_one_in(g, 2) ? "1%" : "9000";
    static const char *const codes[] = {"0", "3", "137", "255"};
    if (strcmp(flag, "code") == 0)
        return GEN_PICK(g, codes);
    if (strcmp(flag, "token-age") == 0)
        return gen_one_in(g, 2) ? "1h" : "25h";
    if (strcmp(flag, "for") == 0 || strcmp(flag, "duration") == 0)
        return GEN_PICK(g, durations);
    return NULL; /* no idea: leave it out */
}

/* Of what `node pressure` may name, memory always is. */
static bool needed(enum fault_flag f) { return f == FAULT_FLAG_USE || f == FAULT_FLAG_FILE || f == FAULT_FLAG_MEMORY; }

static void fault(struct gen *g)
{
    static const char *const images[] = {"gone", "slow", "nginx", "busybox"};
    const struct fault_info *f = &fault_infos[gen_throw(g, FAULT_KIND_COUNT)];
    uint32_t pod = gen_throw(g, g->pod_count);
    /* Some want one of their flags. */
    bool wants = f->object[0] == 'n' && strcmp(f->verb, "pressure") == 0;
    begin(g, "fault");
    strbuf_printf(g->out, "%s %s", f->object, f->verb);
    if (f->operand == FAULT_OF_POD)
        strbuf_printf(g->out, " p%u", pod);
    else if (f->operand == FAULT_OF_NODE)
        strbuf_printf(g->out, " node%u", 1 + gen_throw(g, g->node_count));
    else if (f->operand == FAULT_OF_NEW_NODE) /* a name of its own: where it stands */
        strbuf_printf(g->out, " late%zu", g->out->len);
    else if (f->operand == FAULT_OF_IMAGE)
        strbuf_printf(g->out, " %s", GEN_PICK(g, images));
    for (int i = 0; i < FAULT_FLAG_COUNT; i++) {
        const char *value = f->flags & 1u << i && (needed((enum fault_flag)i) || gen_one_in(g, 2))
                                ? flag_value(g, fault_flags[i].name, pod)
                                : NULL;
        wants = wants && !value;
        if (value)
            strbuf_printf(g->out, " %s%s %s", strncmp(fault_flags[i].usage, "-", 1) == 0 ? "" : "--",
                          fault_flags[i].usage, value);
    }
    end(g);
}

/* ---- all of them ---- */

static void later_pods(struct gen *g)
{
    for (uint32_t n = 0; n < g->pod_count; n++) {
        if (!g->pods[n].later)
            continue;
        begin(g, "kubectl");
        strbuf_printf(g->out, "apply -f p%u.yaml", n);
        end(g);
    }
}

void gen_actions(struct gen *g)
{
    strbuf_puts(g->out, "  actions:\n  - {at: 0s, kubectl: get pods}\n");
    if (gen_has_policies(g))
        strbuf_puts(g->out, "  - {at: 40s, kubectl: drain node1 --force --delete-emptydir-data --timeout=20s}\n");
    later_pods(g);
    for (uint32_t n = 0; n < g->pod_count; n++) {
        if (gen_use(g, GEN_DELETES, 2))
            kubectl_delete(g, n);
        if (gen_use(g, GEN_DELETES, 6))
            kubectl_delete(g, n);
        for (int i = 0; i < 2; i++)
            if (gen_use(g, GEN_EDITS, 2))
                kubectl_edit(g, n);
        for (int i = 0; i < 2; i++)
            if (gen_use(g, GEN_RESIZE, 2))
                kubectl_resize(g, n);
        if (gen_one_in(g, 4)) {
            begin(g, "kubectl");
            strbuf_puts(g->out, "get pods");
            end(g);
        }
        if (gen_use(g, GEN_EXECS, 2))
            kubectl_exec(g, n);
    }
    for (uint32_t i = 0; i < 3; i++)
        if (gen_use(g, GEN_FAULTS, 2))
            fault(g);
    gen_troubles(g);
    for (uint32_t i = 0; i < 2; i++)
        if (gen_use(g, GEN_NODE_ACTIONS, 2))
            kubectl_node(g);
    if (gen_use(g, GEN_CONFIG, 2)) {
        begin(g, "kubectl");
        strbuf_puts(g->out, "create configmap late --from-literal=a=1");
        end(g);
    }
    gen_workload_actions(g);
}

static void add_manifest(struct gen *g, bool *first, const char *prefix, uint32_t n)
{
    strbuf_puts(g->out, *first ? "  manifests:\n" : "");
    *first = false;
    strbuf_printf(g->out, "    %s%u.yaml: |\n", prefix, n);
}

void gen_manifests(struct gen *g)
{
    bool first = true;
    for (uint32_t n = 0; n < g->pod_count; n++) {
        if (!g->pods[n].later)
            continue;
        add_manifest(g, &first, "p", n);
        gen_pod(g, n, 6);
    }
    for (uint32_t n = 0; (gen_has(g, GEN_STATIC) || gen_has(g, GEN_FAULTS)) && n < GEN_STATIC_PODS; n++) {
        add_manifest(g, &first, "s", n);
        gen_static_pod(g, n, 6);
    }
    if (gen_has(g, GEN_SHUTDOWN)) {
        strbuf_puts(g->out, first ? "  manifests:\n" : "");
        gen_trouble_manifests(g);
    }
    if (gen_has(g, GEN_STATIC))
        strbuf_printf(g->out, "  staticPods:\n  - {node: node%u, file: s0.yaml}\n", 1 + gen_throw(g, g->node_count));
}
