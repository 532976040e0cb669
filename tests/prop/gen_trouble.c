/* gen_trouble.c - random actions with a plan: those whose parts only mean something together, or soon after each other.
 *
 * A single fault of the table hardly ever meets the few seconds in which it matters. These come in bursts.
 */
#include "tests/prop/gen_private.h"

/* Actions of a burst stand a few seconds apart. */
struct burst {
    struct gen *g;
    uint32_t at; /* tenths of a second */
};

static struct burst burst_begin(struct gen *g) { return (struct burst){g, 10 * (1 + gen_throw(g, 60))}; }

static void act(struct burst *b, const char *what)
{
    uint32_t tenths = b->at + 10 * b->g->variant.shift_s;
    strbuf_printf(b->g->out, "  - {at: %u.%us, %s: '", tenths / 10, tenths % 10, what);
    b->at += 1 + gen_throw(b->g, 60);
}

static void end(struct burst *b) { strbuf_puts(b->g->out, "'}\n"); }

static uint32_t a_node(struct gen *g) { return 1 + gen_throw(g, g->node_count); }

/* ---- bursts ---- */

static void restarts(struct gen *g)
{
    struct burst b = burst_begin(g);
    for (uint32_t n = 2 + gen_throw(g, 2), node = a_node(g); n > 0; n--) {
        act(&b, "fault");
        strbuf_printf(g->out, "kubelet restart node%u --for %ums", node, 100 + 10 * gen_throw(g, 400));
        end(&b);
    }
}

static void hang(struct gen *g)
{
    struct burst b = burst_begin(g);
    uint32_t node = a_node(g);
    act(&b, "fault");
    strbuf_printf(g->out, "runtime hang node%u", node);
    end(&b);
    if (gen_one_in(g, 2)) {
        act(&b, "kubectl");
        strbuf_printf(g->out, "delete pod p%u --ignore-not-found --wait=false", gen_throw(g, g->pod_count));
        end(&b);
    }
    b.at += 10 * gen_throw(g, 200);
    act(&b, "fault");
    strbuf_printf(g->out, "runtime resume node%u", node);
    end(&b);
}

static void shutdown(struct gen *g)
{
    struct burst b = burst_begin(g);
    uint32_t node = a_node(g);
    act(&b, "fault");
    strbuf_printf(g->out, "node shutdown node%u", node);
    end(&b);
    act(&b, "kubectl");
    strbuf_puts(g->out, "apply -f late.yaml");
    end(&b);
    static const char *const second[] = {"node cancel-shutdown", "node cancel-shutdown", "kubelet restart"};
    if (gen_one_in(g, 2)) {
        b.at += 10 * gen_throw(g, 30);
        act(&b, "fault");
        strbuf_printf(g->out, "%s node%u", GEN_PICK(g, second), node);
        end(&b);
    }
    b.at += 10 * gen_throw(g, 60);
    act(&b, "fault");
    strbuf_printf(g->out, "node boot node%u", node);
    end(&b);
}

static void pressure(struct gen *g)
{
    static const char *const amounts[] = {"--disk 4%", "--disk 12%", "--disk 15%", "--memory 60Mi", "--inodes 3%"};
    struct burst b = burst_begin(g);
    uint32_t node = a_node(g);
    act(&b, "fault");
    strbuf_printf(g->out, "node pressure node%u %s", node, GEN_PICK(g, amounts));
    end(&b);
    if (gen_one_in(g, 3)) {
        act(&b, "fault");
        strbuf_printf(g->out, "kubelet restart node%u --for 2s", node);
        end(&b);
    }
    b.at += 10 * gen_throw(g, 90);
    act(&b, "fault");
    strbuf_printf(g->out, "node relieve node%u", node);
    end(&b);
}

/* Somebody looks into a pod. */
static void debug(struct gen *g)
{
    static const char *const programs[] = {"ps",        "sleep 9",    "nosuch", "sh -c \"sleep 2; exit 3\"",
                                           "kill -9 1", "pkill sleep"};
    struct burst b = burst_begin(g);
    for (uint32_t n = 1 + gen_throw(g, 2); n > 0; n--) {
        uint32_t pod = gen_throw(g, g->pod_count);
        const struct gen_pod *p = &g->pods[pod];
        act(&b, "kubectl");
        strbuf_printf(g->out, "debug p%u --image=busybox:1.36 -c d%u", pod, n);
        if (gen_one_in(g, 2))
            strbuf_printf(g->out, " --target=%s", p->containers[gen_throw(g, p->container_count)]);
        strbuf_printf(g->out, " -- %s", GEN_PICK(g, programs));
        end(&b);
    }
}

/* What only a user writes. The kubelet puts it right, unless it is down. */
static void statuses(struct gen *g)
{
    static const char *const written[] = {
        "{\"reason\":\"NodeLost\"}",
        "{\"phase\":\"Succeeded\"}",
        "{\"phase\":\"Pending\"}",
        "{\"conditions\":[{\"type\":\"Ready\",\"status\":\"True\"}]}",
        "{\"containerStatuses\":[{\"name\":\"a\",\"state\":{\"running\":null,\"terminated\":{\"exitCode\":3}}}]}",
        ("{\"containerStatuses\":[{\"name\":\"a\",\"state\":{\"running\":null,\"terminated\":{\"exitCode\":137,"
         "\"signal\":9}}}]}"),
    };
    struct burst b = burst_begin(g);
    uint32_t pod = gen_throw(g, g->pod_count);
    bool down = gen_one_in(g, 2);
    if (down) {
        act(&b, "fault");
        strbuf_puts(g->out, "kubelet stop node1");
        end(&b);
    }
    for (uint32_t n = 1 + gen_throw(g, 3); n > 0; n--) {
        act(&b, "kubectl");
        const char *text = GEN_PICK(g, written);
        strbuf_printf(g->out, "patch pod p%u --subresource=status -p \"{\\\"status\\\":", pod);
        for (; *text; text++)
            strbuf_printf(g->out, *text == '"' ? "\\%c" : "%c", *text);
        strbuf_puts(g->out, "}\"");
        end(&b);
        act(&b, "kubectl");
        strbuf_puts(g->out, "get pods");
        end(&b);
    }
    if (down) {
        act(&b, "fault");
        strbuf_puts(g->out, "kubelet start node1");
        end(&b);
    }
}

/* A client inside asks a Service. */
static void traffic(struct gen *g)
{
    struct burst b = burst_begin(g);
    for (uint32_t n = 2 + gen_throw(g, 3); n > 0; n--) {
        uint32_t pod = gen_throw(g, g->pod_count);
        const struct gen_pod *p = &g->pods[pod];
        act(&b, "kubectl");
        strbuf_printf(g->out, "exec p%u -c %s -- wget -q -O - -T 1 http://s%u/", pod,
                      p->containers[gen_throw(g, p->container_count)], gen_throw(g, 2));
        end(&b);
    }
}

/* A pod that sees the node's processes does something to them. */
static void host_processes(struct gen *g)
{
    static const char *const commands[] = {"ps",          "pkill nginx",   "pkill -9 sh",
                                           "pkill pause", "pkill kubelet", "kill -9 -1"};
    struct burst b = burst_begin(g);
    for (uint32_t n = 1 + gen_throw(g, 2); n > 0; n--) {
        act(&b, "kubectl");
        strbuf_printf(g->out, "exec host -- %s", GEN_PICK(g, commands));
        end(&b);
    }
}

void gen_troubles(struct gen *g)
{
    static const struct {
        enum gen_feature feature;
        void (*add)(struct gen *g);
    } all[] = {
        {GEN_RESTARTS, restarts}, {GEN_HANGS, hang},        {GEN_SHUTDOWN, shutdown}, {GEN_PRESSURE, pressure},
        {GEN_DEBUG, debug},       {GEN_STATUSES, statuses}, {GEN_TRAFFIC, traffic},   {GEN_HOST_PID, host_processes},
    };
    for (size_t i = 0; i < ARRAY_LEN(all); i++)
        if (gen_has(g, all[i].feature))
            all[i].add(g);
}

void gen_trouble_pods(struct gen *g)
{
    if (gen_has(g, GEN_HOST_PID))
        strbuf_puts(
            g->out,
            "---\napiVersion: v1\nkind: Pod\nmetadata: {name: host}\nspec:\n  nodeName: node1\n  hostPID: true\n"
            "  terminationGracePeriodSeconds: 2\n  containers:\n"
            "  - {name: a, image: busybox, command: [sleep, '1000']}\n");
}

void gen_trouble_manifests(struct gen *g)
{
    if (gen_has(g, GEN_SHUTDOWN))
        strbuf_puts(
            g->out,
            "    late.yaml: |\n      apiVersion: v1\n      kind: Pod\n      metadata: {name: late}\n      spec:\n"
            "        nodeName: node1\n        terminationGracePeriodSeconds: 2\n        containers:\n"
            "        - {name: a, image: busybox, command: [sleep, '1000']}\n");
}
