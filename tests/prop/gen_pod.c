/* gen_pod.c - random pods. */
#include "tests/prop/gen_private.h"

#include <stdarg.h>
#include <stdio.h>

static const char *const scripts[] = {
    "sleep 1000",
    "sleep 1000",
    "exit 1",
    "exit 0",
    "sleep 7; exit 3",
    "sleep 21",
    "sleep 0.4; exit 42",
    "trap 'exit 0' TERM; sleep 1000 & wait",
    "trap 'sleep 3; exit 0' TERM; while :; do sleep 1; done",
    "trap '' TERM; sleep 30; exit 7",
    "touch /tmp/ok; sleep 20; rm /tmp/ok; sleep 15; touch /tmp/ok; sleep 1000",
    "i=0; while [ $i -lt 5 ]; do i=$((i+1)); echo round $i; sleep 2; done; exit $((i - 5))",
    "sleep 4; touch /tmp/ok; sleep 1000",
    "cat /data/none && echo no || echo yes; sleep 12 | cat; nosuchcommand",
    "n=$(cat /work/n 2>/dev/null || echo 0); echo $((n+1)) > /work/n; sleep 3; exit $((n % 3))",
    "echo going > /dev/termination-log; sleep 5; kill -9 $$",
    "sleep 2; kill 1; sleep 9",
};
static const char *const init_scripts[] = {
    "exit 0",
    "exit 0",
    "sleep 2",
    "sleep 1; exit 1",
    "echo done; sleep 3",
    "sleep 8",
    "n=$(cat /work/n 2>/dev/null || echo 0); echo $((n+1)) > /work/n; sleep 1; exit $((n < 2))",
    "sleep 0.3; exit 42",
};
static const char *const probes[] = {
    "exec: {command: [cat, /tmp/ok]}",
    "exec: {command: ['true']}",
    "exec: {command: ['false']}",
    "tcpSocket: {port: 80}",
    "httpGet: {port: 80}",
    "httpGet: {port: web, path: /healthz}",
    "exec: {command: [sleep, '3']}",
    "grpc: {port: 5000}",
    "grpc: {port: 5000, service: other}",
    "grpc: {port: 80}",
    "tcpSocket: {port: nosuch}",
    "exec: {command: [nosuch]}",
};
static const char *const hooks[] = {
    "exec: {command: [sleep, '2']}",  "exec: {command: ['false']}", "httpGet: {port: 80}",
    "exec: {command: [sleep, '40']}", "exec: {command: [nosuch]}",  "tcpSocket: {port: 80}",
};
static const char *const policies[] = {"Always", "Always", "OnFailure", "Never"};
static const char *const names[] = {"a", "b", "c"};
static const char *const init_names[] = {"i0", "i1", "i2"};

/* ---- containers ---- */

/* A probe that loses its handler is refused. */
static const char *handler(const struct gen *g, const char *drawn)
{
    bool known = feature_on(&g->features, FEATURE_GRPC_CONTAINER_PROBE) || strncmp(drawn, "grpc:", 5) != 0;
    return known ? drawn : "tcpSocket: {port: 5000}";
}

static void add_probe(struct gen *g, const char *name)
{
    strbuf_printf(
        g->out, ", %s: {%s, periodSeconds: %u, failureThreshold: %u, initialDelaySeconds: %u, timeoutSeconds: %u", name,
        handler(g, GEN_PICK(g, probes)), 1 + gen_throw(g, 9), (name[0] == 's' ? 3 : 1) + gen_throw(g, 3),
        gen_one_in(g, 2) ? 0 : gen_throw(g, 9), 1 + gen_throw(g, 3));
    if (name[0] == 'r' && gen_one_in(g, 4))
        strbuf_printf(g->out, ", successThreshold: %u", 1 + gen_throw(g, 3));
    if (name[0] != 'r' && gen_use(g, GEN_PROBE_GRACE, 2))
        strbuf_printf(g->out, ", terminationGracePeriodSeconds: %u", 1 + gen_throw(g, 12));
    strbuf_puts(g->out, "}");
}

static void add_probes(struct gen *g)
{
    if (gen_use(g, GEN_PROBES, 3))
        add_probe(g, "readinessProbe");
    if (gen_use(g, GEN_PROBES, 3))
        add_probe(g, "livenessProbe");
    if (gen_use(g, GEN_STARTUP, 3))
        add_probe(g, "startupProbe");
}

static void add_hook(struct gen *g, const char *name, bool sleeps)
{
    if (sleeps && feature_on(&g->features, FEATURE_SLEEP_ACTION) && gen_one_in(g, 4))
        strbuf_printf(g->out, "%s: {sleep: {seconds: %u}}", name, 1 + gen_throw(g, 5));
    else
        strbuf_printf(g->out, "%s: {%s}", name, GEN_PICK(g, hooks));
}

static void add_lifecycle(struct gen *g, uint32_t grace)
{
    bool post = gen_use(g, GEN_HOOKS, 5), pre = gen_use(g, GEN_HOOKS, 3);
    if (!post && !pre)
        return;
    strbuf_puts(g->out, ", lifecycle: {");
    if (post)
        add_hook(g, "postStart", grace > 5);
    strbuf_puts(g->out, post && pre ? ", " : "");
    if (pre)
        add_hook(g, "preStop", grace > 5); /* a sleep hook must fit into the grace */
    strbuf_puts(g->out, "}");
}

static void add_image(struct gen *g, struct gen_pod *p, bool init)
{
    static const char *const odd[] = {"slow", "gone", "Bad:Name", "nginx:1.27, imagePullPolicy: Always",
                                      "elsewhere, imagePullPolicy: Never"};
    static const char *const writers[] = {
        ("for i in 1 2 3 4 5 6 7 8 9; do sleep 3; dd if=/dev/zero of=/tmp/$i bs=1024 count=4000 2>/dev/null; done; "
         "sleep 1000"),
        "dd if=/dev/zero of=/tmp/x bs=1024 count=7000 2>/dev/null; sleep 20; rm /tmp/x; sleep 1000",
        "dd if=/dev/zero of=/tmp/x bs=1024 count=8000 2>/dev/null; exit 1",
        "dd if=/dev/zero of=/tmp/x bs=1024 count=8000 2>/dev/null; exit 0",
    };
    static const char *const users[] = {"as-name", "as-number", "as-huge", "busybox"};
    if (gen_use(g, GEN_DISK, 3)) {
        strbuf_printf(g->out, "image: busybox, command: [sh, -c, \"%s\"]", GEN_PICK(g, writers));
    } else if (gen_use(g, GEN_USERS, 3)) {
        strbuf_printf(g->out, "image: %s, command: [sleep, '1000']", GEN_PICK(g, users));
    } else if (gen_use(g, GEN_IMAGES, 5)) {
        strbuf_printf(g->out, "image: %s", GEN_PICK(g, odd));
    } else if (gen_use(g, GEN_MEMORY, 3)) {
        strbuf_puts(
            g->out,
            "image: busybox, command: [sh, -c, 'sleep 3; tail /dev/zero'], resources: {limits: {memory: 64Mi}}");
    } else if (!init && gen_use(g, GEN_GRPC, 2)) {
        strbuf_printf(g->out, "image: registry.k8s.io/e2e-test-images/agnhost:2.40, args: [grpc-health-checking%s]",
                      gen_one_in(g, 3) ? ", --delay-unhealthy-sec=20" : "");
    } else if (!init && gen_one_in(g, 4)) {
        bool host_port = !p->host_network && !p->host_port && gen_use(g, GEN_PORTS, 2);
        p->host_port |= host_port;
        strbuf_puts(g->out, "image: nginx");
        if (!p->host_network)
            strbuf_printf(g->out, ", ports: [{containerPort: 80, name: web%s}]", host_port ? ", hostPort: 8080" : "");
    } else if (gen_one_in(g, 12)) {
        strbuf_puts(g->out, "image: busybox, command: [nosuch]");
    } else {
        strbuf_printf(g->out, "image: busybox, command: [sh, -c, \"%s\"]",
                      init ? GEN_PICK(g, init_scripts) : GEN_PICK(g, scripts));
    }
}

static void add_rules(struct gen *g, bool sidecar)
{
    static const char *const actions[] = {"Restart", "Restart", "RestartAllContainers"};
    if (sidecar || !feature_on(&g->features, FEATURE_CONTAINER_RESTART_RULES) || !gen_use(g, GEN_RULES, 2))
        return;
    strbuf_printf(g->out, ", restartPolicy: %s", GEN_PICK(g, policies));
    if (gen_one_in(g, 2))
        return;
    /* Where nothing takes time, what restarts at once restarts for ever. */
    bool all = feature_on(&g->features, FEATURE_RESTART_ALL_CONTAINERS) && !g->instant;
    const char *action = all ? GEN_PICK(g, actions) : actions[0];
    strbuf_printf(g->out, ", restartPolicyRules: [{action: %s, exitCodes: {operator: %s, values: [%s]}}]", action,
                  gen_one_in(g, 3) ? "NotIn" : "In", gen_one_in(g, 2) ? "42" : "1, 42, 137");
}

static void add_environment(struct gen *g)
{
    static const char *const env[] = {
        "env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: a}}}]",
        "env: [{name: A, valueFrom: {configMapKeyRef: {name: settings, key: missing}}}]",
        "env: [{name: A, valueFrom: {configMapKeyRef: {name: late, key: a, optional: true}}}]",
        "envFrom: [{configMapRef: {name: late}}]",
        "envFrom: [{secretRef: {name: key}}]",
        "env: [{name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}]",
    };
    if (gen_use(g, GEN_CONFIG, 3))
        strbuf_printf(g->out, ", %s", GEN_PICK(g, env));
}

static void add_rest(struct gen *g, const struct gen_pod *p, bool mounts)
{
    static const char *const resources[] = {
        "requests: {cpu: 100m}",
        "requests: {ephemeral-storage: 90Gi}",
        "limits: {example.com/gpu: 1}",
        "requests: {cpu: '1', memory: 1Gi}",
        "requests: {memory: 3Gi}",
        "limits: {cpu: 500m, memory: 256Mi}",
        "requests: {cpu: 200m}, limits: {cpu: 500m}",
    };
    if (gen_use(g, GEN_MESSAGES, 3))
        strbuf_puts(g->out, ", terminationMessagePolicy: FallbackToLogsOnError");
    if (gen_use(g, GEN_RESIZE, 3))
        strbuf_printf(g->out, ", resizePolicy: [{resourceName: %s, restartPolicy: %s}]",
                      gen_one_in(g, 2) ? "cpu" : "memory",
                      gen_one_in(g, 3) || p->never ? "NotRequired" : "RestartContainer");
    if (!gen_has(g, GEN_MEMORY) && (gen_use(g, GEN_RESOURCES, 2) || gen_use(g, GEN_RESIZE, 2)))
        strbuf_printf(g->out, ", resources: {%s}", GEN_PICK(g, resources));
    if (gen_use(g, GEN_USERS, 2))
        strbuf_printf(g->out, ", securityContext: {runAsNonRoot: %s%s}", gen_one_in(g, 4) ? "false" : "true",
                      gen_one_in(g, 2)   ? ""
                      : gen_one_in(g, 2) ? ", runAsUser: 1000"
                                         : ", runAsUser: 0");
    if (mounts)
        strbuf_puts(g->out, ", volumeMounts: [{name: work, mountPath: /work}]");
}

struct container_kind {
    bool init, sidecar, mounts;
    uint32_t grace;
};

static void add_container(struct gen *g, struct gen_pod *p, int indent, const char *name, struct container_kind k)
{
    ASSERT(p->container_count < GEN_CONTAINERS_MAX);
    p->containers[p->container_count++] = name;
    strbuf_fill(g->out, ' ', (size_t)indent);
    strbuf_printf(g->out, "- {name: %s, ", name);
    add_image(g, p, k.init && !k.sidecar);
    if (k.sidecar)
        strbuf_puts(g->out, ", restartPolicy: Always");
    add_rules(g, k.sidecar);
    if (!k.init || k.sidecar) {
        add_probes(g);
        add_lifecycle(g, k.grace);
    }
    add_environment(g);
    add_rest(g, p, k.mounts);
    strbuf_puts(g->out, "}\n");
}

/* ---- pods ---- */

static void line(struct gen *g, int indent, const char *format, ...) __attribute__((format(printf, 3, 4)));
static void line(struct gen *g, int indent, const char *format, ...)
{
    char text[512];
    va_list ap;
    va_start(ap, format);
    vsnprintf(text, sizeof text, format, ap);
    va_end(ap);
    strbuf_fill(g->out, ' ', (size_t)indent);
    strbuf_printf(g->out, "%s\n", text);
}

static void add_placement(struct gen *g, int indent)
{
    static const char *const tolerations[] = {"{operator: Exists}", "{key: dedicated, operator: Exists}",
                                              "{key: dedicated, value: web, effect: NoSchedule}"};
    bool bound = gen_use(g, GEN_BOUND, 2);
    if (bound)
        line(g, indent, "nodeName: node%u", 1 + gen_throw(g, g->node_count));
    if (gen_use(g, GEN_NODES, 4))
        line(g, indent, "nodeSelector: {disk: ssd}");
    else if (bound && gen_use(g, GEN_REFUSED, 2))
        line(g, indent, "nodeSelector: {kubernetes.io/os: windows}");
    if (gen_use(g, GEN_NODES, 3))
        line(g, indent, "tolerations: [%s]", GEN_PICK(g, tolerations));
    if (!bound && gen_use(g, GEN_NODES, 8))
        line(g, indent, "schedulingGates: [{name: wait}]");
}

static void add_volumes(struct gen *g, int indent, bool work)
{
    static const char *const more[] = {
        "{name: cfg, configMap: {name: settings}}",
        "{name: cfg, configMap: {name: late}}",
        "{name: cfg, secret: {secretName: key}}",
        "{name: cfg, configMap: {name: late, optional: true}}",
        "{name: cfg, downwardAPI: {items: [{path: name, fieldRef: {fieldPath: metadata.name}}]}}",
    };
    bool config = gen_use(g, GEN_CONFIG, 3);
    if (work || config)
        line(g, indent, "volumes: [%s%s%s]", work ? "{name: work, emptyDir: {}}" : "", work && config ? ", " : "",
             config ? GEN_PICK(g, more) : "");
}

static uint32_t draw_grace(struct gen *g)
{
    return gen_use(g, GEN_SHORT_GRACE, 2) ? gen_throw(g, 4) : 2 + gen_throw(g, 14);
}

static void add_spec(struct gen *g, struct gen_pod *p, int indent)
{
    bool work = gen_use(g, GEN_VOLUMES, 2);
    uint32_t grace = draw_grace(g);
    const char *policy = GEN_PICK(g, policies);
    p->never = policy[0] == 'N';
    line(g, indent, "restartPolicy: %s", policy);
    bool negative = gen_use(g, GEN_SHORT_GRACE, 8);
    line(g, indent, "terminationGracePeriodSeconds: %s%u", negative ? "-" : "", negative ? 3 : grace);
    grace = negative ? 0 : grace;
    if (gen_use(g, GEN_DEADLINE, 2))
        line(g, indent, "activeDeadlineSeconds: %u", 5 + gen_throw(g, 60));
    if (gen_use(g, GEN_GATES, 2))
        line(g, indent, "readinessGates: [{conditionType: example.com/gate}%s]",
             gen_one_in(g, 3) ? ", {conditionType: example.com/other}" : "");
    if (gen_use(g, GEN_REFUSED, 4))
        line(g, indent, "os: {name: windows}");
    if (gen_use(g, GEN_PRIORITY, 3))
        line(g, indent, "priorityClassName: p%u", gen_throw(g, 3));
    else if (gen_use(g, GEN_PRIORITY, 3))
        line(g, indent, "priorityClassName: %s", gen_one_in(g, 2) ? "system-node-critical" : "system-cluster-critical");
    p->host_network = gen_use(g, GEN_SHARING, 3);
    if (p->host_network)
        line(g, indent, "hostNetwork: true");
    if (gen_use(g, GEN_SHARING, 3))
        line(g, indent, "shareProcessNamespace: true");
    add_placement(g, indent);
    add_volumes(g, indent, work);
    bool sidecars = feature_on(&g->features, FEATURE_SIDECAR_CONTAINERS) && gen_has(g, GEN_SIDECARS);
    uint32_t inits = gen_has(g, GEN_INIT) || sidecars ? gen_throw(g, 4) : 0;
    if (inits)
        line(g, indent, "initContainers:");
    for (uint32_t i = 0; i < inits; i++) {
        bool sidecar = sidecars && (!gen_has(g, GEN_INIT) || gen_one_in(g, 2));
        add_container(g, p, indent, init_names[i], (struct container_kind){true, sidecar, work, grace});
    }
    line(g, indent, "containers:");
    uint32_t apps = gen_one_in(g, 2) ? 1 : 1 + gen_throw(g, 3);
    for (uint32_t i = 0; i < apps; i++)
        add_container(g, p, indent, names[i], (struct container_kind){false, false, work, grace});
}

void gen_static_pod(struct gen *g, uint32_t n, int indent)
{
    /* k8s pkg/kubelet/config/common.go: no references to API objects. */
    uint64_t has = g->has;
    g->has &= ~(1ull << GEN_CONFIG | 1ull << GEN_GATES | 1ull << GEN_BOUND | 1ull << GEN_NODES | 1ull << GEN_DEADLINE |
                1ull << GEN_PRIORITY);
    line(g, indent, "apiVersion: v1");
    line(g, indent, "kind: Pod");
    line(g, indent, "metadata: {name: s%u, labels: {app: web}}", n);
    line(g, indent, "spec:");
    /* As static pods have it: a mirror that somebody may push out is made again at once, and pushed out again. */
    line(g, indent + 2, "priorityClassName: system-node-critical");
    add_spec(g, &g->static_pods[n], indent + 2);
    g->has = has;
}

void gen_pod(struct gen *g, uint32_t n, int indent)
{
    static const char *const labels[] = {"app: web", "app: web, tier: front", "app: db"};
    struct gen_pod *p = &g->pods[n];
    line(g, indent, "apiVersion: v1");
    line(g, indent, "kind: Pod");
    strbuf_fill(g->out, ' ', (size_t)indent);
    strbuf_printf(g->out, "metadata: {name: p%u, labels: {%s}%s", n, GEN_PICK(g, labels),
                  gen_use(g, GEN_FINALIZERS, 2) ? ", finalizers: [example.com/hold]" : "");
    gen_annotations(g);
    strbuf_puts(g->out, "}\n");
    line(g, indent, "spec:");
    add_spec(g, p, indent + 2);
}
