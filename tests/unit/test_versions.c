/* What each row of the table of features changes: one observation of one run, in the last version without the
 * row, in the first one with it, and in that one with only this row turned off. A row without an observation
 * here fails the test, unless it stands in `excused` with the test that covers it. */
#include "tests/unit/cluster_world.h"

#include "model/kubelet.h"
#include "model/printer.h"

#define SLEEPS      "command: [sleep, '1000']"
#define OBEYS       "command: [sh, -c, \"trap 'exit 0' TERM; sleep 1000 & wait\"]"
#define POD(rest)   "  containers: [{name: c, " BUSYBOX ", " rest "}]\n"
#define NEVER(rest) "  restartPolicy: Never\n" POD(rest)
#define DELETED     ACTION("100.2s", "delete pod p")

/* ---- observations: a run to a text ---- */

typedef const char *observe_fn(struct world *w, const char *what);

/* Message of the first event with this reason; the pod's uid is cut out. */
static const char *message(struct world *w, const char *reason)
{
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (!events(r, reason))
            continue;
        const char *text = ((const struct k8s_event *)r->data)->message, *uid = strstr(text, "_default(");
        if (!uid)
            return text;
        return arena_printf(&w->arena, "%.*s%s", (int)(uid - text), text, uid + strcspn(uid, ")") + 1);
    }
    return "none";
}

static const char *starts_at(struct world *w, const char *what) { return times(w, starts, what); }
static const char *exits_at(struct world *w, const char *what) { return times(w, exits, what); }
static const char *events_at(struct world *w, const char *what) { return times(w, events, what); }
static const char *becomes_ready_at(struct world *w, const char *what) { return times(w, becomes_ready, what); }

static const struct pod *last_pod(struct world *w)
{
    const struct pod *last = NULL;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct pod *p = as_pod(trace_at(w->trace.trace, i));
        last = p ? p : last;
    }
    return last;
}

static const char *phases(struct world *w, const char *unused)
{
    const char *text = "", *phase = "";
    (void)unused;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct pod *p = as_pod(trace_at(w->trace.trace, i));
        if (!p || strcmp(p->status.phase, phase) == 0)
            continue;
        phase = p->status.phase;
        text = arena_printf(&w->arena, "%s%s%s", text, *text ? " " : "", phase);
    }
    return text;
}

static const char *conditions(struct world *w, const char *unused)
{
    const struct pod *p = last_pod(w);
    const char *text = "";
    (void)unused;
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        text = arena_printf(&w->arena, "%s%s%s=%s", text, i ? " " : "", p->status.conditions.items[i].type,
                            p->status.conditions.items[i].status);
    return text;
}

/* "generation, in the status, of the last condition" */
static const char *generations(struct world *w, const char *unused)
{
    const struct pod *p = last_pod(w);
    (void)unused;
    return arena_printf(&w->arena, "%" PRId64 " %" PRId64 " %" PRId64, p->object.meta.generation,
                        p->status.observed_generation,
                        p->status.conditions.items[p->status.conditions.count - 1].observed_generation);
}

/* The STATUS column, each time it changed. */
static const char *statuses(struct world *w, const char *unused)
{
    const char *text = "";
    char last[POD_STATUS_MAX] = "";
    (void)unused;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct pod *p = as_pod(trace_at(w->trace.trace, i));
        struct pod_columns c;
        if (!p)
            continue;
        printer_pod_columns(p, w->trace.features, &c);
        if (strcmp(c.status, last) == 0)
            continue;
        memcpy(last, c.status, sizeof(last));
        text = arena_printf(&w->arena, "%s%s%s", text, *text ? " " : "", c.status);
    }
    return text;
}

static const char *put_time(struct world *w, const char *text, sim_time t)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_seconds(&b, t, 1);
    text = arena_printf(&w->arena, "%s%s%s", text, *text ? " " : "", strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* Results of the probes of one container: those with a record of their own, and those that share one. */
static const char *probed_at(struct world *w, const char *container)
{
    const char *text = "";
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        const struct trace_repeats *t = r->kind == TRACE_PROBE_REPEATS ? r->data : NULL;
        if (!r->text || strcmp(r->text, container) != 0)
            continue;
        if (r->kind == TRACE_PROBE)
            text = put_time(w, text, r->at);
        for (uint32_t k = 0; t && k < t->stretch_count; k++)
            for (uint64_t n = 0; n < t->stretches[k].count; n++)
                text = put_time(w, text,
                                t->stretches[k].first + (sim_time)n * t->stretches[k].period + t->stretches[k].took);
    }
    return text;
}

/* "10.3/2": time and length of the run of equal results. */
static const char *probe_runs(struct world *w, const char *unused)
{
    const char *text = "";
    (void)unused;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (r->kind == TRACE_PROBE)
            text = arena_printf(&w->arena, "%s%s%" PRId64 "/%u", text, *text ? " " : "", r->at / SIM_SECOND, r->aux);
    }
    return text;
}

static const char *output(struct world *w, const char *unused)
{
    (void)unused;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (r->kind == TRACE_ACTION_OUTPUT)
            return r->text;
    }
    return "none";
}

static const char *service_account(struct world *w, const char *unused)
{
    const char *line = strstr(output(w, unused), "Service Account:");
    if (!line)
        return "none";
    line += strlen("Service Account:");
    line += strspn(line, " ");
    return arena_strndup(&w->arena, line, strcspn(line, "\n"));
}

static const char *last_output(struct world *w, const char *unused)
{
    const char *text = "none";
    (void)unused;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++) {
        const struct trace_record *r = trace_at(w->trace.trace, i);
        if (r->kind == TRACE_ACTION_OUTPUT)
            text = r->text;
    }
    return text;
}

/* Of the last pod version with a waiting container. */
static const char *waiting_message(struct world *w, const char *unused)
{
    (void)unused;
    const struct container_state_waiting *waiting = last_pod(w)->status.container_statuses.items[0].state.waiting;
    return waiting ? waiting->message : "none";
}

/* Reason and exit code of the first container. */
static const char *ended(struct world *w, const char *unused)
{
    (void)unused;
    const struct container_state_terminated *t = last_pod(w)->status.container_statuses.items[0].state.terminated;
    return t ? arena_printf(&w->arena, "%s %" PRId64, t->reason, t->exit_code) : "none";
}

static const char *resize_policy(struct world *w, const char *unused)
{
    (void)unused;
    return last_pod(w)->spec.containers.items[0].resize_policy ? "given" : "none";
}

/* The message of PodResizePending. */
static const char *pending(struct world *w, const char *unused)
{
    (void)unused;
    const struct pod *p = last_pod(w);
    for (uint32_t i = 0; i < p->status.conditions.count; i++)
        if (strcmp(p->status.conditions.items[i].type, "PodResizePending") == 0)
            return p->status.conditions.items[i].message;
    return "none";
}

static const char *host_ips(struct world *w, const char *unused)
{
    (void)unused;
    return arena_printf(&w->arena, "%u", last_pod(w)->status.host_ips.count);
}

/* The sentence of FailedScheduling that begins so. */
static const char *said(struct world *w, const char *begin)
{
    const char *text = strstr(message(w, "FailedScheduling"), begin);
    return text ? arena_printf(&w->arena, "%.*s", (int)strcspn(text, "."), text) : "none";
}

/* How many times an event was written. */
static const char *written(struct world *w, const char *reason)
{
    int n = 0;
    for (uint32_t i = 1; i < trace_count(w->trace.trace); i++)
        n += events(trace_at(w->trace.trace, i), reason);
    return arena_printf(&w->arena, "%d", n);
}

/* ---- the table ---- */

#define SCENARIO "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n"
#define SERVER_IMAGE(name)                                                                                             \
    "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  images: [{name: " name ", present: true}]\n"
#define NODES(fields) IMAGES "  nodes: [{name: node1, " fields "}]\n"

struct version_case {
    enum feature feature;
    const char *name, *head, *spec;
    int64_t until_s;
    observe_fn *observe;
    const char *what, *off, *on; /* on: in the versions that the row names */
    enum profile_kind profile;   /* 0 = PROFILE_REF */
    const char *after;           /* in the first version that the row does not name any more; NULL = not looked at */
};

#define SHUTDOWN_AT_100 "  actions: [{at: 100.2s, fault: node shutdown node1}]\n"
#define SHUTDOWN        IMAGES "  kubelet: {shutdownGracePeriod: 20s}\n" SHUTDOWN_AT_100
#define SHUTDOWN_BY_PRIORITY                                                                                           \
    IMAGES "  kubelet: {shutdownGracePeriodByPodPriority: [{priority: 0, shutdownGracePeriodSeconds: "                 \
           "20}]}\n" SHUTDOWN_AT_100
#define HANGS_AT_HALF_A_SECOND IMAGES "  actions: [{at: 0.5s, fault: runtime hang}]\n"
#define SOFT_EVICTION                                                                                                  \
    IMAGES "  kubelet: {evictionHard: {nodefs.available: 5%}, evictionSoft: {nodefs.available: 15%}, "                 \
           "evictionSoftGracePeriod: {nodefs.available: 5s}, "                                                         \
           "evictionMaxPodGracePeriod: 20}\n  actions: [{at: 100.2s, fault: node pressure --disk 12%}]\n"
#define CONFIGMAP_VOLUME                                                                                               \
    "  volumes: [{name: v, configMap: {name: cm}}]\n  containers: [{name: c, " BUSYBOX ", " SLEEPS                     \
    ", volumeMounts: [{name: v, mountPath: /v}]}]\n"
#define SIDECAR(rest) "  initContainers: [{name: s, " BUSYBOX ", restartPolicy: Always, " rest "}]\n"

#define RESIZED                                                                                                        \
    ACTION("5.2s", "\"patch pod p --subresource resize -p '{spec: {containers: [{name: c, resources: {limits: "        \
                   "{memory: 64Mi}}}]}}'\"")
#define RESIZE(spec) ACTION("5.2s", "\"patch pod p --subresource resize -p '{spec: " spec "}'\"")
#define GUARANTEED(cpu, memory)                                                                                        \
    "{containers: [{name: c, resources: {requests: {cpu: " cpu ", memory: " memory "}, limits: {cpu: " cpu             \
    ", memory: " memory "}}}]}"
#define IS_GUARANTEED POD(SLEEPS ", resources: {requests: {cpu: 1, memory: 32Mi}, limits: {cpu: 1, memory: 32Mi}}")
#define RESIZABLE                                                                                                      \
    POD(OBEYS ", resizePolicy: [{resourceName: memory, restartPolicy: RestartContainer}], resources: {limits: "        \
              "{memory: 32Mi}}")

/* A Service that the pod joins at 1 s; it is its own client. */
#define SERVED(more)                                                                                                   \
    SCENARIO "  images: [{name: agnhost, present: true}]\n"                                                            \
             "  timing: {latencies: {proxySync: 100ms, proxyMinSync: 1s}}\n"                                           \
             "  actions:\n  - {at: 1s, kubectl: label pod p app=web}\n" more                                           \
             "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n"                                      \
             "  {clusterIP: 10.96.0.50, selector: {app: web}, ports: [{port: 8080}]}\n"
#define ASKS_ITSELF(at) "  - {at: " at ", kubectl: 'exec p -- wget -q -O - -T 2 http://10.96.0.50:8080/hostname'}\n"
#define SERVER                                                                                                         \
    "  containers: [{name: c, image: agnhost, args: [netexec], lifecycle: {preStop: {exec: {command: [sleep, "         \
    "'20']}}}}]\n"
#define NO_SERVER                                                                                                      \
    "wget: can't connect to remote host (10.96.0.50): Connection refused\ncommand terminated with exit code 1\n"

/* 1 kB takes 20 us: the pull is no whole number of milliseconds. */
#define AUTOSCALED                                                                                                     \
    SCENARIO "  images: [{name: busy, present: true, entrypoint: [sleep, '1000']}]\n"                                  \
             "  behaviours: [{pod: r-*, cpu: 140m}]\n"                                                                 \
             "  actions: [{at: 60s, kubectl: 'get rs r -o jsonpath=replicas={.spec.replicas}'}]\n"                     \
             "---\napiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: r}\nspec:\n  replicas: 1\n"                 \
             "  selector: {matchLabels: {app: r}}\n  template:\n    metadata: {labels: {app: r}}\n    spec:\n"         \
             "      containers: [{name: c, image: busy, resources: {requests: {cpu: 100m}}}]\n"                        \
             "---\napiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: r}\nspec:\n"            \
             "  scaleTargetRef: {apiVersion: apps/v1, kind: ReplicaSet, name: r}\n  maxReplicas: 3\n"                  \
             "  behavior: {scaleUp: {tolerance: 500m}}\n  metrics: [{type: Resource, resource: {name: cpu, target: "   \
             "{type: Utilization, averageUtilization: 100}}}]\n"
#define SLICED(service, look)                                                                                          \
    SCENARIO "  images: [{name: agnhost, present: true}]\n"                                                            \
             "  nodes: [{name: node1, labels: {topology.kubernetes.io/zone: a}}]\n"                                    \
             "  actions:\n  - {at: 1s, kubectl: label pod p app=web}\n  - {at: 5s, kubectl: \"" look "\"}\n"           \
             "---\napiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec:\n"                                      \
             "  {" service "selector: {app: web}, ports: [{port: 8080}]}\n"
#define HINTS          "get endpointslices -o jsonpath=hints={.items[0].endpoints[0].hints}"
#define PULLED         SCENARIO "  images: [{name: pulled, size: 1000, entrypoint: [sleep, '1000']}]\n"
#define REFUSED(error) SCENARIO "  images: [{name: pulled, pullError: '" error "'}]\n"
#define FULL_DISK                                                                                                      \
    IMAGES "  kubelet: {evictionHard: {memory.available: 100Mi}}\n"                                                    \
           "  actions:\n  - {at: 100s, fault: 'node pressure --disk 5%'}\n"
#define PULLS "  containers: [{name: c, image: 'pulled:1'}]\n"

static const struct version_case cases[] = {
    {FEATURE_CONTAINER_RESTART_RULES, "a container's own policy", IMAGES,
     NEVER("restartPolicy: Always, command: [sh, -c, exit 1]"), 5, starts_at, "c", "0.3", "0.3 1.0", 0, NULL},
    {FEATURE_SIDECAR_CONTAINERS, "an init container that never ends", IMAGES, SIDECAR(SLEEPS) NEVER(SLEEPS), 5,
     starts_at, "c", "", "1.0", 0, NULL},
    {FEATURE_SLEEP_ACTION, "preStop sleep", DELETED, POD(OBEYS ", lifecycle: {preStop: {sleep: {seconds: 5}}}"), 120,
     exits_at, "c", "100.2", "105.2", 0, NULL},
    {FEATURE_POD_LEVEL_RESOURCES, "a pod's limit", IMAGES,
     "  resources: {limits: {memory: 64Mi}}\n" NEVER("command: [sh, -c, 'tail /dev/zero & sleep 3; exit 7']"), 9, ended,
     "", "Error 7", "OOMKilled 137", 0, NULL},
    {FEATURE_IN_PLACE_RESIZE, "a resize that restarts", RESIZED, RESIZABLE, 10, starts_at, "c", "0.3", "0.3 5.2", 0,
     NULL},
    {FEATURE_BACK_OFF_KEY_HAS_RESOURCES, "a resize while the container waits", RESIZED,
     POD("command: [sh, -c, exit 1], resources: {limits: {memory: 32Mi}}"), 13, starts_at, "c", "0.3 1.0",
     "0.3 1.0 5.2", 0, NULL},
    {FEATURE_PULL_DURATION_IN_MS, "event Pulled", PULLED, PULLS, 5, message, "Pulled",
     "Successfully pulled image \"pulled:1\" in 500.02ms (500.02ms including waiting)",
     "Successfully pulled image \"pulled:1\" in 500ms (500ms including waiting)", PROFILE_TYPICAL, NULL},
    {FEATURE_PULLED_SAYS_SIZE, "event Pulled", PULLED, PULLS, 5, message, "Pulled",
     "Successfully pulled image \"pulled:1\" in 500ms (500ms including waiting)",
     "Successfully pulled image \"pulled:1\" in 500ms (500ms including waiting). Image size: 1000 bytes.",
     PROFILE_TYPICAL, NULL},
    {FEATURE_DISK_FULL_SAYS_USAGE, "a disk that is full of other things", FULL_DISK, POD(SLEEPS), 310, message,
     "FreeDiskSpaceFailed",
     "Failed to garbage collect required amount of images. Attempted to free 16106127280 bytes, but only found 0 bytes "
     "eligible to free.",
     "Insufficient free disk space on the node's image filesystem (95% of 100.0 GiB used). Failed to free sufficient "
     "space by deleting unused images (freed 0 bytes). Investigate disk usage, as it could be used by active images, "
     "logs, volumes, or other data.",
     0, NULL},
    {FEATURE_PULL_ERROR_REASONS, "a registry that is not there", REFUSED("RegistryUnavailable: no route"), PULLS, 5,
     statuses, "", "Pending ContainerCreating ErrImagePull", "Pending ContainerCreating RegistryUnavailable", 0, NULL},
    {FEATURE_PULL_BACK_OFF_SAYS_CAUSE, "ImagePullBackOff", REFUSED("no"), PULLS, 15, waiting_message, "",
     "Back-off pulling image \"pulled:1\"", "Back-off pulling image \"pulled:1\": ErrImagePull: no", 0, NULL},
    {FEATURE_OOM_KILLS_GROUP, "a child takes too much", IMAGES,
     NEVER("command: [sh, -c, 'tail /dev/zero; sleep 3; exit 7'], resources: {limits: {memory: 64Mi}}"), 9, ended, "",
     "OOMKilled 7", "OOMKilled 137", 0, NULL},
    {FEATURE_BACK_OFF_NAMES_CONTAINER, "back-off event", IMAGES, POD("command: [sh, -c, exit 1]"), 20, message,
     "BackOff", "Back-off restarting failed container", "Back-off restarting failed container c in pod p", 0, NULL},
    {FEATURE_SHORT_HOOK_EVENTS, "failed postStart", IMAGES,
     POD(OBEYS ", lifecycle: {postStart: {exec: {command: [sh, -c, 'echo no; exit 3']}}}"), 10, message,
     "FailedPostStartHook",
     "Exec lifecycle hook ([sh -c echo no; exit 3]) for Container \"c\" in Pod \"p\" failed - error: command 'sh -c "
     "echo no; exit 3' exited with 3: , message: \"no\\n\"",
     "PostStartHook failed", 0, NULL},
    {FEATURE_TERMINAL_PHASE_ON_DELETE, "a deleted pod's phases", DELETED, POD(OBEYS), 110, phases, "",
     "Pending Running", "Pending Running Succeeded", 0, NULL},
    {FEATURE_GRACE_OVERRIDE_FIRST, "T45: preStop 10 s, SIGTERM ignored", DELETED,
     POD(SLEEPS ", lifecycle: {preStop: {exec: {command: [sleep, '10']}}}"), 200, exits_at, "c", "140.2", "130.2", 0,
     NULL},
    {FEATURE_GRACE_OVERRIDE_FIRST, "T47: force delete", ACTION("100.2s", "delete pod p --force --grace-period=0"),
     POD(SLEEPS), 200, exits_at, "c", "101.2", "102.2", 0, NULL},
    {FEATURE_GRACE_OVERRIDE_FIRST, "T47: force delete, preStop 10 s",
     ACTION("100.2s", "delete pod p --force --grace-period=0"),
     POD(SLEEPS ", lifecycle: {preStop: {exec: {command: [sleep, '10']}}}"), 200, exits_at, "c", "101.2", "103.2", 0,
     NULL},
    {FEATURE_VOLUME_TIMEOUT_SAYS_UNPROCESSED, "volume timeout", IMAGES, CONFIGMAP_VOLUME, 130, message,
     "FailedMount: Unable",
     "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[v]: timed out waiting for the "
     "condition",
     "Unable to attach or mount volumes: unmounted volumes=[v], unattached volumes=[], failed to process volumes=[]: "
     "timed out waiting for the condition",
     0, NULL},
    {FEATURE_SILENT_VOLUME_TIMEOUT, "T12: volume timeout", IMAGES, CONFIGMAP_VOLUME, 130, events_at,
     "FailedMount: Unable", "123.3", "", 0, NULL},
    {FEATURE_INSPECT_FAILURE_UNNAMED, "the runtime hangs before the second container", HANGS_AT_HALF_A_SECOND,
     "  containers: [{name: a, " BUSYBOX ", " SLEEPS
     ", lifecycle: {postStart: {sleep: {seconds: 1}}}}, {name: b, " BUSYBOX ", " SLEEPS "}]\n",
     200, message, "InspectFailed",
     "Failed to inspect image \"busybox\": rpc error: code = DeadlineExceeded desc = context deadline exceeded",
     "Failed to inspect image \"\": rpc error: code = DeadlineExceeded desc = context deadline exceeded", 0, NULL},
    {FEATURE_RESIZE_COMPLETED_EVENT, "a resize", RESIZED, RESIZABLE, 10, events_at, "ResizeCompleted", "", "6.0", 0,
     NULL},
    {FEATURE_RESIZE_EVENTS, "a resize", RESIZED, RESIZABLE, 10, events_at, "ResizeStarted", "", "5.2", 0, NULL},
    {FEATURE_RESIZE_INFEASIBLE_BY_POLICY, "the CPU of a Guaranteed pod",
     RESIZE(GUARANTEED("2", "32Mi")) "  kubelet: {cpuManagerPolicy: static}\n", IS_GUARANTEED, 10, pending, "",
     "Resize is infeasible for Guaranteed Pods alongside CPU Manager static policy",
     "Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\"", 0, NULL},
    {FEATURE_IN_PLACE_RESIZE_EXCLUSIVE_CPUS, "the CPU of a Guaranteed pod",
     RESIZE(GUARANTEED("2", "32Mi")) "  kubelet: {cpuManagerPolicy: static}\n", IS_GUARANTEED, 10, pending, "",
     "Resize is infeasible for Guaranteed Pods alongside CPU Manager policy \"static\"", "none", 0, NULL},
    {FEATURE_IN_PLACE_RESIZE_EXCLUSIVE_MEMORY, "the memory of a Guaranteed pod",
     RESIZE(GUARANTEED("1", "64Mi")) "  kubelet: {memoryManagerPolicy: Static}\n", IS_GUARANTEED, 10, pending, "",
     "Resize is infeasible for Guaranteed Pods alongside Memory Manager policy \"Static\"", "none", 0, NULL},
    {FEATURE_RESIZE_ADMISSION, "more than the node has", RESIZE(GUARANTEED("1k", "32Mi")), IS_GUARANTEED, 10, output,
     "", "pod/p patched\n",
     "Error from server (Forbidden): pods \"p\" is forbidden: node didn't have enough allocatable resources: cpu, "
     "requested: 1000000, allocatable: 4000\n",
     0, NULL},
    {FEATURE_IN_PLACE_RESIZE_INIT, "an init container that runs",
     RESIZE("{initContainers: [{name: s, resources: {limits: {memory: 64Mi}}}]}"),
     "  initContainers: [{name: s, " BUSYBOX ", " SLEEPS ", resources: {limits: {memory: 32Mi}}}]\n" POD(SLEEPS), 10,
     output, "", "The Pod \"p\" is invalid: spec: Forbidden: resources for non-sidecar init containers are immutable\n",
     "pod/p patched\n", 0, NULL},
    {FEATURE_IN_PLACE_RESIZE_POD, "resources of the pod as a whole", RESIZE("{resources: {limits: {memory: 64Mi}}}"),
     "  resources: {limits: {memory: 32Mi}}\n" POD(SLEEPS), 10, output, "",
     "The Pod \"p\" is invalid: Forbidden: resize of pods with pod-level resources is forbidden when "
     "InPlacePodLevelResourcesVerticalScalingEnabled feature gate is disabled\n",
     "pod/p patched\n", 0, NULL},
    {FEATURE_READY_TO_START_CONDITION, "conditions", IMAGES, POD(SLEEPS), 5, conditions, "",
     "Initialized=True Ready=True ContainersReady=True PodScheduled=True",
     "PodReadyToStartContainers=True Initialized=True Ready=True ContainersReady=True PodScheduled=True", 0, NULL},
    {FEATURE_SIDECARS_STOP_LAST, "T50: order of SIGTERM", DELETED,
     SIDECAR(OBEYS) POD("command: [sh, -c, \"trap 'sleep 4; exit 0' TERM; sleep 1000 & wait\"]"), 200, exits_at, "s",
     "100.2", "104.2", 0, NULL},
    {FEATURE_CREATED_WITH_COLON, "event Created", IMAGES, POD(SLEEPS), 5, message, "Created", "Created container c",
     "Created container: c", 0, NULL},
    {FEATURE_SHORT_CONTAINER_EVENTS, "event Created", IMAGES, POD(SLEEPS), 5, message, "Created",
     "Created container: c", "Container created", 0, NULL},
    {FEATURE_SHORT_CONTAINER_EVENTS, "event Started", IMAGES, POD(SLEEPS), 5, message, "Started", "Started container c",
     "Container started", 0, NULL},
    {FEATURE_IMAGE_PULL_CREDENTIALS, "event Pulled", IMAGES, POD(SLEEPS), 5, message, "Pulled",
     "Container image \"busybox\" already present on machine",
     "Container image \"busybox\" already present on machine and can be accessed by the pod", 0, NULL},
    {FEATURE_TERMINATING_IF_NOT_TERMINAL, "STATUS of a deleted pod", DELETED, POD(OBEYS), 110, statuses, "",
     "Pending ContainerCreating Running Terminating", "Pending ContainerCreating Running Terminating Completed", 0,
     NULL},
    {FEATURE_EVENT_BUCKET_PER_TYPE, "25 warnings use the tokens up, then Killing",
     "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  timing: {profile: typical}\n"
     "  images: [{name: busybox, present: true}]\n  actions: [{at: 100.2s, kubectl: delete pod p}]\n",
     POD(OBEYS ", readinessProbe: {exec: {command: ['false']}, periodSeconds: 1}"), 110, written, "Killing", "0", "1",
     PROFILE_TYPICAL, NULL},
    {FEATURE_MANUAL_PROBE_SETS_PHASE, "readiness ticks", IMAGES,
     POD(SLEEPS ", readinessProbe: {exec: {command: ['true']}}"), 25, probed_at, "c", "1.0 10.3 20.3", "1.0 11.0 21.0",
     0, NULL},
    {FEATURE_STARTUP_PROBE_HOLDS, "the startup counter after a restart", ACTION("20s", "annotate pod p a=b"),
     POD("command: [sleep, '15'], startupProbe: {exec: {command: ['true']}}"), 40, probe_runs, "", "10/1 20/2",
     "10/1 20/1", 0, NULL},
    {FEATURE_PROBE_ERROR_SAYS_STATE, "a probe that errors", IMAGES,
     POD(SLEEPS ", livenessProbe: {tcpSocket: {port: web}}"), 12, message, "Unhealthy",
     "Liveness probe errored: strconv.Atoi: parsing \"web\": invalid syntax",
     "Liveness probe errored and resulted in unknown state: strconv.Atoi: parsing \"web\": invalid syntax", 0, NULL},
    {FEATURE_SIDECAR_PROBES_OUTLIVE_EXIT, "a restarted sidecar in a Never pod", IMAGES,
     SIDECAR("command: [sleep, '2.5'], livenessProbe: {exec: {command: ['true']}, periodSeconds: 2}") NEVER(SLEEPS), 20,
     probed_at, "s", "2.3 4.3", "2.3 4.3 18.3", 0, NULL},
    {FEATURE_POD_GENERATION, "generation", IMAGES, POD(SLEEPS), 5, generations, "", "0 0 0", "1 0 0", 0, NULL},
    {FEATURE_OBSERVED_GENERATION, "observedGeneration", IMAGES, POD(SLEEPS), 5, generations, "", "1 0 0", "1 1 1", 0,
     NULL},
    {FEATURE_DESCRIBE_SERVICE_ACCOUNT, "kubectl describe", ACTION("5s", "describe pod p"),
     "  serviceAccountName: builder\n" POD(SLEEPS), 10, service_account, "", "none", "builder", 0, NULL},
    {FEATURE_DELETE_NAMES_NAMESPACE, "kubectl delete", DELETED, POD(OBEYS), 110, output, "", "pod \"p\" deleted\n",
     "pod \"p\" deleted from default namespace\n", 0, NULL},
    {FEATURE_RETRY_AT_BACK_OFF_EXPIRY, "crash loop", IMAGES, POD("command: [sh, -c, exit 1]"), 40, starts_at, "c",
     "0.3 1.0 12.5 34.5", "0.3 1.0 11.5 32.5", 0, NULL},
    {FEATURE_STATUS_SHOWS_FAILED_CONTAINER, "one failed, one completed", IMAGES,
     "  restartPolicy: Never\n  containers: [{name: a, " BUSYBOX ", command: ['true']}, {name: b, " BUSYBOX
     ", command: ['false']}]\n",
     20, statuses, "", "Pending ContainerCreating Completed", "Pending ContainerCreating Error", 0, NULL},
    {FEATURE_CONTAINER_STATUS_ON_RESTART, "liveness restart within one sync, with a startup probe", IMAGES,
     POD(OBEYS ", startupProbe: {exec: {command: ['true']}, periodSeconds: 4}, readinessProbe: {exec: {command: "
               "['true']}}, livenessProbe: {exec: {command: ['false']}, failureThreshold: 1, periodSeconds: 10}"),
     15, becomes_ready_at, "True", "4.3 11.0", "4.3 12.3", 0, NULL},
    {FEATURE_PHASE_BY_APP_STATUS, "init containers run again in a new sandbox",
     IMAGES "  actions: [{at: 50.2s, fault: sandbox kill p}]\n",
     "  initContainers: [{name: i, " BUSYBOX ", command: [sleep, '3']}]\n" POD(SLEEPS), 60, phases, "",
     "Pending Running Pending Running", "Pending Running", 0, "Pending Running Pending Running"},
    {FEATURE_READINESS_ENDS_WITH_WORKER, "exec readiness while the pod terminates", DELETED,
     POD("command: [sh, -c, \"touch /tmp/ok; trap 'rm /tmp/ok; sleep 20; exit 0' TERM; sleep 1000 & wait\"], "
         "readinessProbe: {exec: {command: [cat, /tmp/ok]}, periodSeconds: 3, failureThreshold: 1}"),
     125, becomes_ready_at, "False", "103.0", "120.2", 0, "102.3"},
    {FEATURE_CONTAINER_STOP_SIGNALS, "a stop signal of the container's own", DELETED,
     "  os: {name: linux}\n" POD("command: [sh, -c, \"trap 'exit 0' TERM; trap 'exit 3' INT; sleep 1000 & wait\"], "
                                 "lifecycle: {stopSignal: SIGINT}"),
     110, phases, "", "Pending Running Succeeded", "Pending Running Failed", 0, NULL},
    {FEATURE_CONSISTENT_HTTP_HOOKS, "a hook by HTTPS",
     SERVER_IMAGE("agnhost") "  actions: [{at: 20s, kubectl: delete pod p}]\n",
     "  containers: [{name: c, image: agnhost, imagePullPolicy: Never, args: [netexec], lifecycle: {preStop: {httpGet: "
     "{path: /healthz, port: 8080, scheme: HTTPS}}}}]\n",
     30, message, "LifecycleHTTPFallback", "none",
     "request to HTTPS lifecycle hook 10.244.1.2:8080 got HTTP response, retry with HTTP succeeded", 0, NULL},
    {FEATURE_EXEC_PROBE_TIMEOUT, "a slow exec probe", IMAGES,
     POD(SLEEPS ", livenessProbe: {exec: {command: [sleep, '5']}}"), 15, message, "Unhealthy",
     "Liveness probe errored and resulted in unknown state: command timed out: \"sleep 5\" timed out after 1s",
     "Liveness probe failed: command timed out: \"sleep 5\" timed out after 1s", 0, NULL},
    {FEATURE_POD_HOST_IPS, "hostIPs", IMAGES, POD(SLEEPS), 5, host_ips, "", "0", "1", 0, NULL},
    {FEATURE_TAINTS_UNNAMED, "why Pending: a taint", NODES("taints: [{key: disk, value: slow, effect: NoSchedule}]"),
     POD(SLEEPS), 5, said, "1 node(s)", "1 node(s) had untolerated taint {disk: slow}",
     "1 node(s) had untolerated taint(s)", 0, NULL},
    {FEATURE_DYNAMIC_RESOURCES, "why Pending: no claims", NODES("cpu: 1"),
     POD(SLEEPS ", resources: {requests: {cpu: 2}}"), 5, said, " no new claims", "none",
     " no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling", 0,
     NULL},
    {FEATURE_HOPELESS_REQUESTS, "why Pending: more than a node", NODES("cpu: 1"),
     POD(SLEEPS ", resources: {requests: {cpu: 2}}"), 5, said,
     "preemption: ", "preemption: 0/1 nodes are available: 1 No preemption victims found for incoming pod",
     "preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling", 0, NULL},
    {FEATURE_POP_FROM_BACK_OFF, "a node gets better 0.5 s after it has been refused",
     IMAGES "  nodes: [{name: node1, taints: [{key: disk, value: slow, effect: NoSchedule}]}]\n"
            "  actions: [{at: 0.5s, kubectl: taint node node1 disk-}]\n",
     POD(SLEEPS), 5, starts_at, "c", "1.3", "0.8", 0, NULL},
    {FEATURE_QUEUEING_HINTS, "a taint changes, and is still not tolerated",
     IMAGES "  nodes: [{name: node1, taints: [{key: disk, value: slow, effect: NoSchedule}]}]\n"
            "  actions: [{at: 2s, kubectl: taint node node1 disk=slower:NoSchedule --overwrite}]\n",
     POD(SLEEPS), 10, written, "FailedScheduling", "2", "1", 0, NULL},
    {FEATURE_SOFT_EVICTION_KEEPS_SPEC_GRACE, "evicted, with up to 20 s", SOFT_EVICTION,
     "  terminationGracePeriodSeconds: 5\n" POD(SLEEPS), 150, exits_at, "c", "133.0", "118.0", 0, NULL},
    {FEATURE_PROBE_GRACE, "a liveness probe with a grace of its own", IMAGES,
     POD(SLEEPS ", livenessProbe: {exec: {command: ['false']}, failureThreshold: 1, terminationGracePeriodSeconds: 5}"),
     41, exits_at, "c", "40.3", "15.3 25.3 35.3", 0, NULL},
    {FEATURE_CRASH_LOOP_BACK_OFF_REDUCED, "crash loop", IMAGES, POD("command: [sh, -c, exit 1]"), 10, starts_at, "c",
     "0.3 0.3", "0.3 0.3 1.5 4.5 9.5", 0, NULL},
    {FEATURE_CRASH_LOOP_BACK_OFF_MAX, "crash loop",
     IMAGES "  kubelet: {crashLoopBackOff: {maxContainerRestartPeriod: 5s}}\n", POD("command: [sh, -c, exit 1]"), 10,
     starts_at, "c", "0.3 1.0", "0.3 1.0 6.5", 0, NULL},
    {FEATURE_GRACEFUL_NODE_SHUTDOWN, "a node shuts down", SHUTDOWN, POD(SLEEPS), 140, exits_at, "c", "100.2", "120.2",
     0, NULL},
    {FEATURE_GRACEFUL_NODE_SHUTDOWN_PRIORITY, "a node shuts down", SHUTDOWN_BY_PRIORITY, POD(SLEEPS), 140, exits_at,
     "c", "100.2", "120.2", 0, NULL},
    {FEATURE_DISRUPTION_TARGET, "a node shuts down", SHUTDOWN, POD(SLEEPS), 140, conditions, "",
     "Initialized=True Ready=False ContainersReady=False PodScheduled=True",
     "DisruptionTarget=True Initialized=True Ready=False ContainersReady=False PodScheduled=True", 0, NULL},
    {FEATURE_RESTART_ALL_CONTAINERS, "exit code 88", IMAGES,
     POD(SLEEPS "}, {name: d, " BUSYBOX
                ", command: [sh, -c, 'sleep 5; exit 88'], restartPolicy: Never, restartPolicyRules: "
                "[{action: RestartAllContainers, exitCodes: {operator: In, values: [88]}}]"),
     10, starts_at, "c", "0.3", "0.3 8.0", 0, NULL},
    {FEATURE_IN_PLACE_RESIZE, "resizePolicy", IMAGES,
     POD(SLEEPS ", resizePolicy: [{resourceName: cpu, restartPolicy: RestartContainer}]"), 5, resize_policy, "", "none",
     "given", 0, NULL},
    {FEATURE_PLEG_ON_DEMAND_RELIST, "Ready after the start", IMAGES, POD(SLEEPS), 5, becomes_ready_at, "True", "1.0",
     "0.3", 0, NULL},
    {FEATURE_SANDBOX_PUBLISHED_AT_ONCE, "the condition while an image is pulled",
     "apiVersion: podsim.dev/v1\nkind: Scenario\nspec:\n  images: [{name: slow, pull: 30s}]\n",
     "  containers: [{name: c, image: slow}]\n", 20, conditions, "",
     "PodReadyToStartContainers=False Initialized=True Ready=False ContainersReady=False PodScheduled=True",
     "PodReadyToStartContainers=True Initialized=True Ready=False ContainersReady=False PodScheduled=True", 0, NULL},
    {FEATURE_PROXY_TERMINATING, "the last endpoint terminates",
     SERVED("  - {at: 10s, kubectl: delete pod p --wait=false}\n" ASKS_ITSELF("12s")), SERVER, 15, last_output, "",
     NO_SERVER, "p\n", 0, NULL},
    {FEATURE_PROXY_WITHOUT_BURST, "two changes within a second",
     SERVED("  - {at: 10s, kubectl: label pod p app-}\n  - {at: 10.05s, kubectl: label pod p app=web}\n" ASKS_ITSELF(
         "10.5s")),
     SERVER, 15, last_output, "", "p\n", NO_SERVER, 0, NULL},
    {FEATURE_TRAFFIC_DISTRIBUTION, "hints for a zone", SLICED("trafficDistribution: PreferClose, ", HINTS), SERVER, 6,
     last_output, "", "hints=", "hints={\"forZones\":[{\"name\":\"a\"}]}", 0, NULL},
    {FEATURE_PREFER_SAME_TRAFFIC, "hints for a node", SLICED("trafficDistribution: PreferSameNode, ", HINTS), SERVER, 6,
     last_output, "", "hints=", "hints={\"forNodes\":[{\"name\":\"node1\"}],\"forZones\":[{\"name\":\"a\"}]}", 0, NULL},
    {FEATURE_ENDPOINTS_MANAGED_BY, "labels of Endpoints",
     SLICED("", "get endpoints web -o jsonpath=labels={.metadata.labels}"), SERVER, 6, last_output, "",
     "labels=", "labels={\"endpoints.kubernetes.io/managed-by\":\"endpoint-controller\"}", 0, NULL},
    {FEATURE_HPA_TOLERANCE, "a ratio of 1.4", AUTOSCALED, POD(SLEEPS), 61, last_output, "", "replicas=3", "replicas=1",
     0, NULL},
};

struct version_world {
    struct world w;
    const char *text;
};

/* The observation with the features given; the caller ends the world. */
static void look(struct version_world *v, const struct version_case *c, const struct features *f)
{
    if (!begin(&v->w, c->head, c->spec, "1.36"))
        exit(1);
    v->w.scenario.features = *f;
    start(&v->w, c->profile ? c->profile : PROFILE_REF, c->until_s);
    cluster_run(v->w.cluster);
    v->w.trace = cluster_trace(v->w.cluster);
    v->text = c->observe(&v->w, c->what);
}

static void check(const struct version_case *c, const struct features *f, const char *want)
{
    struct version_world v;
    look(&v, c, f);
    CHECK_STR(v.text, want);
    end(&v.w);
}

static void every_version_shows_what_its_rows_say(void)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        const struct version_case *c = &cases[i];
        const struct feature_info *x = &feature_infos[c->feature];
        bool begins = x->on > MINOR_OLDEST && x->on <= MINOR_NEWEST, ends = !begins && x->off;
        int off = begins ? x->on - 1 : x->off, on = begins ? x->on : ends ? x->off - 1 : MINOR_NEWEST;
        struct features f;
        if (begins || ends) {
            features_init(&f, off);
            tap_row("%s, 1.%d", c->name, off);
            check(c, &f, c->off);
        }
        features_init(&f, on);
        feature_force(&f, c->feature, true); /* a gate that is off by default */
        tap_row("%s, 1.%d", c->name, on);
        check(c, &f, c->on);
        if (c->after) {
            struct features after;
            features_init(&after, x->off);
            tap_row("%s, 1.%d", c->name, x->off);
            check(c, &after, c->after);
        }
        feature_force(&f, c->feature, false);
        tap_row("%s, 1.%d without this row", c->name, on);
        check(c, &f, c->off);
    }
}

/* Rows that are tested elsewhere, or have no effect yet. */
static const struct {
    enum feature feature;
    const char *where;
} excused[] = {
    {FEATURE_GRPC_CONTAINER_PROBE, "tests/bad/97-grpc-gate-off"}, /* refused when the scenario is read */
    {FEATURE_SLEEP_ACTION_ZERO, "test_scenario"},                 /* refused when the scenario is read */
    {FEATURE_TERMINATING_REPLICAS, "test_replicaset"},
    {FEATURE_EXACT_AVAILABILITY_CHECK, "test_replicaset"},
    {FEATURE_TAINT_EVICTION_CONTROLLER, "scenarios/nodes/noexecute-128"},
    {FEATURE_NODE_GRACE_50, "scenarios/nodes/n02-grace-40"},
    {FEATURE_NOEXECUTE_SAME_PASS, "scenarios/nodes/n01-power-loss-132"},
    {FEATURE_CRONJOB_SCHEDULED_ANNOTATION, "scenarios/workloads/cronjob-time-zone-127"},
    {FEATURE_JOB_BACKOFF_LIMIT_PER_INDEX, "test_job"},
    {FEATURE_JOB_ELASTIC_INDEXED, "test_job"},
    {FEATURE_JOB_LABELS_PREFIXED, "test_job"},
    {FEATURE_JOB_MANAGED_BY, "test_job"},
    {FEATURE_JOB_MUTABLE_RESOURCES, "test_job"},
    {FEATURE_JOB_MUTABLE_SCHEDULING, "test_job"},
    {FEATURE_JOB_POD_FAILURE_POLICY, "test_job"},
    {FEATURE_JOB_POD_INDEX_LABEL, "scenarios/workloads/job-indexed-127"},
    {FEATURE_JOB_POD_REPLACEMENT_POLICY, "test_job"},
    {FEATURE_JOB_STATUS_COLUMN, "scenarios/workloads/job-deadline-130"},
    {FEATURE_JOB_SUCCESS_POLICY, "test_job"},
    {FEATURE_JOB_TERMINAL_CONDITION_WAITS, "test_job"},
    {FEATURE_STATEFUL_AVAILABILITY, "test_statefulset"},
    {FEATURE_EXACT_STATEFUL_CHECK, "test_statefulset"},
    {FEATURE_UNSET_TIMES_ARE_NULL, "test_statefulset"},
    {FEATURE_MAX_UNAVAILABLE_STATEFUL_SET, "test_statefulset; scenarios/sets/rolling-update-max-unavailable"},
    {FEATURE_STATEFUL_EVENTS_TITLE, "scenarios/sets/claims-126"},
    {FEATURE_STATEFUL_CLAIM_RETENTION, "scenarios/sets/claims-126"},
    {FEATURE_STATEFUL_START_ORDINAL, "scenarios/sets/claims-126"},
    {FEATURE_SCALING_SAYS_FROM, "scenarios/workloads/scaling-event-126"},
    {FEATURE_HARD_EVICTION_GRACE, "no difference: the worker gives at least 1 s"},
    {FEATURE_RESIZE_QUEUE, "scenarios/versions/resize-*"}, /* two pods */
    {FEATURE_RESIZE_AT_TERMINAL_PHASE, "scenarios/versions/resize-*"},
    {FEATURE_ORDERED_NAMESPACE_DELETION, "scenarios/admission/namespace-deletion"},
    {FEATURE_PDB_UNHEALTHY_POLICY, "scenarios/versions/unhealthy-eviction"},                  /* a drain */
    {FEATURE_INIT_STATUS_INFERRED, "test_pod_status; scenarios/versions/init-status-lost-*"}, /* a static pod */
};

static bool has_case(enum feature f)
{
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        if (cases[i].feature == f)
            return true;
    }
    return false;
}

static bool is_excused(enum feature f)
{
    for (size_t i = 0; i < ARRAY_LEN(excused); i++) {
        if (excused[i].feature == f)
            return true;
    }
    return false;
}

static void every_row_of_the_table_has_a_case_or_an_excuse(void)
{
    for (int f = 0; f < FEATURE_COUNT; f++) {
        const struct feature_info *x = &feature_infos[f];
        tap_row("%s", *x->gate ? x->gate : x->doc);
        CHECK_INT(has_case((enum feature)f) + is_excused((enum feature)f), 1);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(every_version_shows_what_its_rows_say),
        TAP_TEST(every_row_of_the_table_has_a_case_or_an_excuse),
    };
    return tap_run(tests, ARRAY_LEN(tests));
}
