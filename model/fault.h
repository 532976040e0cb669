/* fault.h - what can befall a cluster and no kubectl line can do: lines of a scenario's actions.
 *
 *     - at: 40s
 *       fault: container kill web -c app --signal TERM
 *
 * A line is OBJECT VERB [NAME] [flags]; the table FAULTS lists them all. Lines are parsed before the run,
 * with a diagnostic and a suggestion for each mistake; whether the pod exists is seen when it happens.
 */
#ifndef MODEL_FAULT_H
#define MODEL_FAULT_H

#include "model/cluster.h"
#include "model/eviction.h"

/* What a line names. */
enum fault_operand {
    FAULT_OF_CLUSTER,
    FAULT_OF_POD,
    FAULT_OF_NODE /* may be left out when there is one */,
    FAULT_OF_NEW_NODE,
    FAULT_OF_IMAGE
};

/* Flags a line may have. ORDER FAULT_FLAG: fault_flags */
enum fault_flag {
    FAULT_FLAG_NAMESPACE,
    FAULT_FLAG_CONTAINER,
    FAULT_FLAG_SIGNAL,
    FAULT_FLAG_FOR,
    FAULT_FLAG_USE,
    FAULT_FLAG_FILE,
    FAULT_FLAG_ERROR,
    FAULT_FLAG_CODE,
    FAULT_FLAG_TOKEN_AGE,
    FAULT_FLAG_MEMORY, /* ORDER NODE_AMOUNT: kubelet_faults.h */
    FAULT_FLAG_DISK,
    FAULT_FLAG_INODES,
    FAULT_FLAG_PIDS,
    FAULT_FLAG_COUNT
};
enum {
    FAULT_NAMESPACE = 1 << FAULT_FLAG_NAMESPACE, /* default: default */
    FAULT_CONTAINER = 1 << FAULT_FLAG_CONTAINER, /* default: the pod's first */
    FAULT_SIGNAL = 1 << FAULT_FLAG_SIGNAL,       /* default: KILL */
    FAULT_FOR = 1 << FAULT_FLAG_FOR,             /* how long */
    FAULT_USE = 1 << FAULT_FLAG_USE,             /* must be given */
    FAULT_FILE = 1 << FAULT_FLAG_FILE,           /* required */
    FAULT_ERROR = 1 << FAULT_FLAG_ERROR,         /* the runtime's words; default: containerd's */
    FAULT_CODE = 1 << FAULT_FLAG_CODE,           /* default: 1 */
    FAULT_TOKEN_AGE = 1 << FAULT_FLAG_TOKEN_AGE, /* default: 0 */
    FAULT_PRESSURES = 15 << FAULT_FLAG_MEMORY,   /* one at least */
};
struct fault_flag_info {
    const char *name;
    char letter;       /* or 0 */
    const char *usage; /* "-n" */
    const char *value; /* what follows it */
};
extern const struct fault_flag_info fault_flags[FAULT_FLAG_COUNT];

/*    id               object       verb    operand            flags                              what it does */
#define FAULTS(X)                                                                                                      \
    X(CONTAINER_KILL, "container", "kill", FAULT_OF_POD, FAULT_NAMESPACE | FAULT_CONTAINER | FAULT_SIGNAL,             \
      "a signal from outside hits the container's first process (--signal, default KILL)")                             \
    X(CONTAINER_OOM, "container", "oom", FAULT_OF_POD, FAULT_NAMESPACE | FAULT_CONTAINER,                              \
      "the kernel's OOM killer hits the container")                                                                    \
    X(CONTAINER_EXIT, "container", "exit", FAULT_OF_POD, FAULT_NAMESPACE | FAULT_CONTAINER | FAULT_CODE,               \
      "the container's first process ends by itself (--code, default 1)")                                              \
    X(CONTAINER_MEMORY, "container", "memory", FAULT_OF_POD, FAULT_NAMESPACE | FAULT_CONTAINER | FAULT_USE,            \
      "from now on the container uses this much memory (--use 300Mi) beside what its programs take")                   \
    X(CONTAINER_REMOVE, "container", "remove", FAULT_OF_POD, FAULT_NAMESPACE | FAULT_CONTAINER,                         \
      "the container's dead instances are removed from the runtime behind the kubelet's back")         \
    X(SANDBOX_KILL, "sandbox", "kill", FAULT_OF_POD, FAULT_NAMESPACE,                                                  \
      "the pod's sandbox is stopped behind the kubelet's back; everything in it is killed")                            \
    X(PAUSE_KILL, "pause", "kill", FAULT_OF_POD, FAULT_NAMESPACE,                                                      \
      "the pod's pause process is killed; containers with process ids of their own run on")                            \
    X(REGISTRY_DOWN, "registry", "down", FAULT_OF_CLUSTER, FAULT_ERROR,                                                \
      "the registries answer no more; pulls fail, those under way too (--error TEXT: the runtime's words)")            \
    X(REGISTRY_UP, "registry", "up", FAULT_OF_CLUSTER, 0, "they answer again")                                         \
    X(REGISTRY_PUSH, "registry", "push", FAULT_OF_IMAGE, 0, "from now on the registry has this image")                 \
    X(REGISTRY_REMOVE, "registry", "remove", FAULT_OF_IMAGE, 0, "from now on it does not have it")                     \
    X(KUBELET_STOP, "kubelet", "stop", FAULT_OF_NODE, 0, "the node's kubelet stops; the containers run on")            \
    X(KUBELET_START, "kubelet", "start", FAULT_OF_NODE, 0, "a stopped kubelet starts")                                 \
    X(KUBELET_RESTART, "kubelet", "restart", FAULT_OF_NODE, FAULT_FOR,                                                 \
      "the node's kubelet stops and starts again (--for, default 1s later)")                                           \
    X(STATIC_POD_WRITE, "static-pod", "write", FAULT_OF_NODE, FAULT_FILE,                                              \
      "a file with a Pod appears in the kubelet's manifest directory, or is replaced (-f: a file, or a name of "       \
      "spec.manifests)")                                                                                               \
    X(STATIC_POD_REMOVE, "static-pod", "remove", FAULT_OF_NODE, FAULT_FILE,                                            \
      "a file goes from the kubelet's manifest directory (-f: its name there)")                                        \
    X(NODE_SHUTDOWN, "node", "shutdown", FAULT_OF_NODE, 0,                                                             \
      "the machine shuts down: pods are stopped as shutdownGracePeriod of spec.kubelet says, then the power "          \
      "goes")                                                                                                          \
    X(NODE_CANCEL_SHUTDOWN, "node", "cancel-shutdown", FAULT_OF_NODE, 0,                                               \
      "the shutdown is cancelled: the kubelet takes pods again when it has stopped those it has")                      \
    X(NODE_POWER_OFF, "node", "power-off", FAULT_OF_NODE, 0,                                                           \
      "the machine loses power: kubelet and containers are gone at once")                                              \
    X(NODE_BOOT, "node", "boot", FAULT_OF_NODE, 0, "a machine that is off boots")                                      \
    X(NODE_DOWN, "node", "down", FAULT_OF_NODE, 0, "the machine dies, as with node power-off")                          \
    X(NODE_RECOVER, "node", "recover", FAULT_OF_NODE, 0,                                                               \
      "what keeps the node from working is over: the machine boots, its kubelet starts, it reaches the API server")    \
    X(NODE_PARTITION, "node", "partition", FAULT_OF_NODE, 0,                                                           \
      "the node's kubelet and the API server do not reach each other; containers and probes go on")                    \
    X(NODE_HEAL, "node", "heal", FAULT_OF_NODE, 0,                                                                     \
      "they do again: what was to be written is written, and the kubelet lists its pods")                              \
    X(NODE_ADD, "node", "add", FAULT_OF_NEW_NODE, FAULT_TOKEN_AGE,                                                     \
      "a machine joins with kubeadm (--token-age, default 0; refused when older than 24h)")                            \
    X(NODE_REMOVE, "node", "remove", FAULT_OF_NODE, 0, "the machine is off for good, and its Node is deleted")         \
    X(DISK_FAIL, "disk", "fail", FAULT_OF_NODE, 0,                                                                     \
      "the node's disk is read-only or hangs, and so do all calls to the runtime; the containers run on")              \
    X(DISK_RECOVER, "disk", "recover", FAULT_OF_NODE, 0, "the disk works again")                                       \
    X(APISERVER_DOWN, "apiserver", "down", FAULT_OF_CLUSTER, 0,                                                        \
      "the API server does not answer: nothing is written, kubectl is refused; nodes work on")                         \
    X(APISERVER_UP, "apiserver", "up", FAULT_OF_CLUSTER, 0, "it answers again, and what was to be written is")         \
    X(NODE_PRESSURE, "node", "pressure", FAULT_OF_NODE, FAULT_PRESSURES,                                               \
      "so much is available on the node now: --memory 50Mi, --disk 5%, --inodes 1%, --pids 10")                        \
    X(NODE_RELIEVE, "node", "relieve", FAULT_OF_NODE, 0, "nothing but the pods uses the node any more")                \
    X(SANDBOX_FAIL, "sandbox", "fail", FAULT_OF_NODE, FAULT_ERROR,                                                     \
      "the node's runtime cannot make sandboxes any more (--error TEXT: its words)")                                   \
    X(SANDBOX_RECOVER, "sandbox", "recover", FAULT_OF_NODE, 0, "it can again")                                         \
    X(CONTAINERS_FAIL, "containers", "fail", FAULT_OF_NODE, FAULT_ERROR,                                               \
      "the node's runtime cannot create containers any more: their names are taken (--error TEXT: its words)")        \
    X(CONTAINERS_RECOVER, "containers", "recover", FAULT_OF_NODE, 0, "it can again")                                   \
    X(NETWORK_DOWN, "network", "down", FAULT_OF_NODE, 0,                                                               \
      "the node's network plugin is not ready: no pod starts but those of the host's network")                         \
    X(NETWORK_UP, "network", "up", FAULT_OF_NODE, 0, "it is ready again")                                              \
    X(RUNTIME_HANG, "runtime", "hang", FAULT_OF_NODE, 0,                                                               \
      "the node's runtime, or the disk under it, does not answer; the containers run on")                              \
    X(RUNTIME_RESUME, "runtime", "resume", FAULT_OF_NODE, 0, "it answers again")

enum fault_kind {
#define X(id, object, verb, operand, flags, doc) FAULT_##id,
    FAULTS(X)
#undef X
        FAULT_KIND_COUNT
};

struct fault_info {
    const char *object, *verb;
    enum fault_operand operand;
    uint32_t flags;
    const char *doc;
};
extern const struct fault_info fault_infos[FAULT_KIND_COUNT];

struct fault {
    enum fault_kind kind;
    const char *name; /* of the pod, node or image; NULL = of the cluster */
    const char *namespace_, *container, *error;
    int signal;
    sim_time duration, token_age;        /* of --for, --token-age */
    int64_t code;
    const struct node *joins;            /* node add: what it will be; set by who reads the scenario */
    struct quantity use;                 /* not set: none given */
    struct eviction_amount available[4]; /* of node pressure; ORDER NODE_AMOUNT */
    const char *file;
    const struct static_manifest *manifest; /* what is in it */
};

/* `line`: the scalar it stands in. `s`: nodes are looked up there. Returns 0, or -1 with diagnostics. */
int fault_parse(struct arena *a, struct diag_set *d, const struct value *line, const struct scenario *s,
                scenario_read_file *read_file, void *ctx, struct fault **ret_fault);
/* Lets it happen now. The caller has recorded the action and made it the current cause. A fault that finds
 * nothing to befall appends a sentence to `out` and returns 1. */
int fault_execute(struct cluster *c, const struct fault *f, struct strbuf *out);

#endif
