/* gen_workload.c - a Deployment or ReplicaSet among the pods, and what users do to it. Dice of its own, so that worlds
 * without one stay as they were. */
#include "tests/prop/gen_private.h"

#include "sim/rng.h"

static uint32_t dice(struct gen *g, uint32_t sides)
{
    return (uint32_t)rng_below(rng_draw(g->seed, 3, 0, g->workload_thrown++), sides);
}

/* One world in four. Not where nodes refuse pods: a ReplicaSet makes new ones at once, for ever; where nothing takes
 * time, a single node that is full of static pods is enough. */
void gen_draw_workload(struct gen *g)
{
    static const enum gen_feature none_with[] = {GEN_FAULTS,   GEN_PRESSURE, GEN_DISK,
                                                 GEN_SHUTDOWN, GEN_HANGS,    GEN_REFUSED};
    g->workload = dice(g, 4) == 0 && !g->variant.steady;
    for (size_t i = 0; i < ARRAY_LEN(none_with); i++)
        g->workload = g->workload && !gen_has(g, none_with[i]);
    g->deployment = dice(g, 3) > 0;
}

static void add_strategy(struct gen *g)
{
    static const char *const amounts[] = {"0", "1", "2", "25%", "50%", "100%"};
    const char *surge = amounts[dice(g, 6)], *unavailable = amounts[dice(g, 6)];
    if (dice(g, 4) == 0)
        strbuf_puts(g->out, "  strategy: {type: Recreate}\n");
    else
        strbuf_printf(g->out, "  strategy: {rollingUpdate: {maxSurge: %s, maxUnavailable: %s}}\n", surge,
                      *surge == '0' && *unavailable == '0' ? "1" : unavailable);
    if (dice(g, 3) == 0)
        strbuf_printf(g->out, "  revisionHistoryLimit: %u\n", dice(g, 2));
    if (dice(g, 3) == 0)
        strbuf_printf(g->out, "  progressDeadlineSeconds: %u\n", 10 + dice(g, 40));
}

static void add_container(struct gen *g)
{
    strbuf_puts(g->out, "      containers:\n      - name: a\n");
    switch (dice(g, 4)) {
    case 0:
        strbuf_printf(g->out, "        image: busybox\n        command: [sh, -c, 'sleep %u; exit 1']\n",
                      1 + dice(g, 20));
        break;
    case 1:
        strbuf_puts(g->out, "        image: busybox\n"
                            "        command: [sh, -c, 'trap \"sleep 3; exit 0\" TERM; while :; do sleep 1; done']\n");
        break;
    default:
        strbuf_printf(g->out,
                      "        image: nginx:1.27\n        readinessProbe: {tcpSocket: {port: %u}, "
                      "initialDelaySeconds: %u, periodSeconds: %u}\n",
                      dice(g, 6) ? 80 : 81, dice(g, 6), 1 + dice(g, 3));
        break;
    }
}

void gen_workload(struct gen *g)
{
    if (!g->workload)
        return;
    const char *app = dice(g, 3) ? "w" : "db"; /* some of the other pods have that, too */
    strbuf_printf(g->out, "---\napiVersion: apps/v1\nkind: %s\nmetadata: {name: w}\nspec:\n  replicas: %u\n",
                  g->deployment ? "Deployment" : "ReplicaSet", dice(g, 5));
    if (dice(g, 3) == 0)
        strbuf_printf(g->out, "  minReadySeconds: %u\n", 1 + dice(g, 5));
    if (g->deployment)
        add_strategy(g);
    strbuf_printf(g->out,
                  "  selector: {matchLabels: {app: %s}}\n  template:\n    metadata: {labels: {app: %s, of: w}}\n"
                  "    spec:\n      terminationGracePeriodSeconds: %u\n",
                  app, app, 1 + dice(g, 6));
    add_container(g);
}

void gen_workload_actions(struct gen *g)
{
    static const char *const of_deployments[] = {
        "set image deployment w a=nginx:1.28",
        "set image deployment w a=nginx:1.27",
        "set env deployment w X=1",
        "rollout restart deployment w",
        "rollout undo deployment w",
        "rollout pause deployment w",
        "rollout resume deployment w",
        "scale deployment w --replicas=5",
        "scale deployment w --replicas=1",
        "delete pods -l of=w --wait=false",
        "delete replicaset -l of=w --wait=false",
        "delete deployment w --cascade=foreground --wait=false",
    };
    static const char *const of_sets[] = {
        "scale replicaset w --replicas=4",         "scale replicaset w --replicas=0",
        "delete pods -l of=w --wait=false",        "label pods -l of=w app=out --overwrite",
        "label pods -l app=out app=w --overwrite", "delete replicaset w --cascade=orphan --wait=false",
    };
    uint32_t count = g->workload ? 1 + dice(g, 5) : 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t at = g->variant.shift_s + 1 + dice(g, 110);
        const char *line =
            g->deployment ? of_deployments[dice(g, ARRAY_LEN(of_deployments))] : of_sets[dice(g, ARRAY_LEN(of_sets))];
        strbuf_printf(g->out, "  - {at: %us, kubectl: '%s'}\n", at, line);
    }
}
