/* cri.h - the container runtime of every node: sandboxes, containers, exec, files, sockets.
 *
 * It stands where containerd stands: the kubelet (and nobody else in model/) calls it. Calls take no
 * simulated time themselves - the kubelet's worker waits for what a call costs (profile.h) and then
 * makes it. What runs inside is simulated: programs, a POSIX shell, a file system, sockets
 * (process.h, shell.h, vfs.h, net.h), one event per step that takes time.
 *
 * Completions come back through the event queue: the caller gives the key of one of its own timers,
 * which the runtime arms for the instant of completion.
 */
#ifndef MODEL_CRI_H
#define MODEL_CRI_H

#include "model/behaviour.h"
#include "model/image.h"
#include "model/trace.h"
#include "sim/sim.h"

struct cri;

/* A timer of the caller to arm when something completes; class/object/index as in sim_arm. */
struct sim_key {
    uint32_t class_, object, index;
    bool set;
};

/* DNS and the outside world, asked by programs in containers. */
struct dns_answer {
    bool found;
    str_list addresses;        /* IPv4 text */
    const char *canonical;     /* ExternalName target; of an address ("4.3.2.1.in-addr.arpa") its name; or NULL */
};
enum net_route { ROUTE_TO, ROUTE_REJECT, ROUTE_DROP };
struct net_client {
    const char *node_name, *ip; /* ip lives as long as the run */
    const char *name;           /* of the pod */
    uint32_t connection;        /* how many it has made before */
    bool to_node;               /* the address is a node's */
};
struct cri_deps {
    void *ctx;
    bool nothing_takes_time; /* profile instant: see image_start_time */
    /* Resolves a fully qualified cluster name ("myservice.default.svc.cluster.local", no final dot). */
    void (*resolve)(void *ctx, struct arena *a, const char *fqdn, struct dns_answer *ret_answer);
    /* Address and port of a Service to those of the pod that gets this connection. ip/port are replaced. */
    enum net_route (*route)(void *ctx, const struct net_client *client, const char **ip, int32_t *port);
    /* Something of this pod's containers or sandbox changed state: the kubelet will want to relist. */
    void (*changed)(void *ctx, uint32_t pod_ordinal);
    /* What this pod's containers use has taken another course. */
    void (*memory)(void *ctx, uint32_t pod_ordinal);
    /* The disks of the nodes have filled by so much as cri_watch_disk said. */
    void (*disk)(void *ctx);
    /* The node's kubelet, as processes with hostPID see it; NULL = it runs, and nothing kills it. */
    bool (*kubelet_runs)(void *ctx, const char *node_name);
    void (*kubelet_killed)(void *ctx, const char *node_name);
    /* The world of this pod (see cri_watch) is about to change, and is no longer watched. */
    void (*disturbed)(void *ctx, uint32_t pod_ordinal);
    /* A process id is about to be taken in this pod, whose world is watched: what is owed has to be
     * paid first (cri_exec_repeated). */
    void (*numbered)(void *ctx, uint32_t pod_ordinal);
    /* What is behind this address (cri_watch_address) is about to change, and is no longer watched. */
    void (*address)(void *ctx, const char *ip);
    /* By the rules of that node somebody would answer a client of this Service now. */
    bool (*has_endpoints)(void *ctx, const char *node_name, const char *namespace_, const char *service);
};

struct cri *cri_new(struct sim *s, const struct image_catalogue *images, const struct cri_deps *deps,
                    int64_t epoch);
/* Where positions inside block scalars are looked up, for diagnostics about scripts; may be NULL. */
void cri_set_diags(struct cri *c, const struct diag_set *diags);
/* What the scenario says containers do; it outlives the runtime. */
void cri_set_behaviours(struct cri *c, const behaviour_list *behaviours);
/* The run is over: what is owed to the logs is recorded. */
void cri_end(struct cri *c);

/* A node's own address exists from now on: it refuses where nobody listens. */
void cri_add_node(struct cri *c, const char *ip);
/* Its machine goes off, or on. */
void cri_power(struct cri *c, const char *ip, bool on);

/* ---- sandboxes ---- */
/* /etc/resolv.conf. */
struct cri_dns {
    str_list servers, searches, options;
    int64_t ndots;
};
struct cri_sandbox_config {
    uint32_t pod_ordinal; /* of the API object; trace records carry it */
    const char *namespace_, *name, *uid, *hostname, *ip, *node_name;
    const char *domain; /* of its name in a headless Service; NULL = none */
    uint32_t attempt;
    bool host_network;
    bool share_pid; /* its containers see each other's processes; PID 1 is pause */
    bool host_pid;  /* with share_pid: they see all processes of the node: pid_view.h */
    bool oom_single;            /* the OOM killer hits one process, not all of a container's */
    int64_t memory_limit_bytes; /* of all its containers together; 0 = none */
    const struct cri_dns *dns; /* NULL: the cluster's server, and its search path for the pod's namespace */
    LIST_OF(struct host_alias) host_aliases;
    str_map labels, annotations; /* of the pod */
};
struct cri_sandbox {
    struct cri_sandbox_config config;
    bool ready;
    bool stopped; /* its network is gone */
    sim_time created_at;
};
uint32_t cri_run_sandbox(struct cri *c, const struct cri_sandbox_config *config); /* id > 0 */
/* Kills what is left in it at once; its IP stops answering. */
void cri_stop_sandbox(struct cri *c, uint32_t sandbox);
/* Its pause process dies: it is not ready any more, but its network stays for containers that live on.
 * In a shared process namespace, where pause is PID 1, everything dies with it. */
void cri_kill_pause(struct cri *c, uint32_t sandbox);
/* The same, because the machine is off: what ran ends with 255, Unknown. */
void cri_power_off(struct cri *c, uint32_t sandbox);
/* The pod is shown by another object from now on (a static pod's mirror): records carry its ordinal. */
void cri_sandbox_adopt(struct cri *c, uint32_t sandbox, uint32_t pod_ordinal);
const struct cri_sandbox *cri_sandbox(const struct cri *c, uint32_t sandbox);

/* ---- volumes: a directory tree that containers mount ---- */
/* host_path: pods of one node that name the same path share it; NULL = a volume of its own. */
uint32_t cri_volume_new(struct cri *c, const char *node_name, const char *host_path);
/* Creates parent directories; replaces content. */
void cri_volume_write(struct cri *c, uint32_t volume, const char *path, const char *content, size_t len);

/* A file of a volume that the kubelet fills; the directories of its path are made. */
struct cri_file {
    const char *path, *text;
    size_t len;
    uint16_t mode;
};
/* From now on the volume shows these files and no others, all at once; cri_volume_shows: it does already. */
void cri_volume_project(struct cri *c, uint32_t volume, const struct cri_file *files, uint32_t count);
bool cri_volume_shows(struct cri *c, uint32_t volume, const struct cri_file *files, uint32_t count);
/* A hostPath of that type ("" or NULL: anything) on that node: NULL, or why it cannot be mounted. Makes what is to be
 * made. */
const char *cri_host_path_error(struct cri *c, const char *node_name, const char *path, const char *type);

/* ---- containers ---- */
struct cri_mount {
    uint32_t volume;
    const char *path, *sub_path;
    const char *source; /* where it is on the node, for error texts; or NULL */
    bool read_only;
};
struct cri_container_config {
    const char *name;
    const char *image;
    uint32_t attempt;
    bool init;
    uint32_t target; /* it shares this container's process ids; 0 = has its own */
    str_list command, args;      /* after $(VAR) expansion; empty = the image's */
    LIST_OF(struct str_pair) env; /* in order */
    const char *working_dir;     /* NULL = the image's */
    LIST_OF(struct cri_mount) mounts;
    const char *termination_message_path;
    int64_t memory_limit_bytes; /* 0 = none */
    bool tty, stdin_;
    bool read_only_root; /* securityContext.readOnlyRootFilesystem */
    bool no_token;       /* the service account's token is not mounted */
    const struct container *spec; /* whose ports a server takes that nobody knows; or NULL */
    const struct value *command_source, *args_source; /* where they stand, for diagnostics; or NULL */
    const struct value *source;                       /* all of the container, with its probes and hooks; or NULL */
    sim_time first_step_after; /* what its main process takes until it does something */
    sim_time program_start;    /* what a program that a shell or an exec starts takes until then */
    struct sim_key exited; /* armed when the container exits */
};
enum cri_state { CRI_CREATED, CRI_RUNNING, CRI_EXITED };
struct cri_container {
    struct cri_container_config config;
    uint32_t sandbox;
    enum cri_state state;
    const char *id; /* "containerd://<64 hex>" made from pod uid, name and attempt */
    sim_time created_at, started_at, finished_at;
    int32_t exit_code, signal;
    const char *reason;  /* when exited: "Completed", "Error", "OOMKilled", "StartError" */
    const char *message; /* termination message, or the runtime's error for StartError; NULL = none */
};
/* NULL, or why a container with this configuration cannot be created (without the gRPC code). names_taken: their names
 * are reserved for others, which the runtime is still busy with. */
const char *cri_create_error(struct cri *c, uint32_t sandbox, const struct cri_container_config *config,
                             bool names_taken);
uint32_t cri_create_container(struct cri *c, uint32_t sandbox, const struct cri_container_config *config);
/* 0, or -1 with the runtime's error text (without the gRPC code): program not found and the like; the
 * container is then exited with 128, StartError. Its first step happens at this instant, in class RUNTIME. */
int cri_start_container(struct cri *c, uint32_t container, const char **ret_error);
/* SIGTERM and the like go to PID 1 (signal(7) rules for PID 1 of a namespace); SIGKILL ends all of
 * the container's processes. */
void cri_signal(struct cri *c, uint32_t container, int signal_number);
/* The kernel's OOM killer hits the container: all its processes end, reason OOMKilled (137); with oom_single
 * only the one that uses most. */
void cri_oom_kill(struct cri *c, uint32_t container);
/* Its first process ends by itself. */
void cri_exit(struct cri *c, uint32_t container, int code);
/* What its processes use at this instant; 0 unless it runs. */
int64_t cri_memory_used(const struct cri *c, uint32_t container);
bool cri_memory_moves(const struct cri *c, uint32_t container); /* it will be another some time, by itself */
/* cri_usage.c: bytes of files written, and of the log; processes. */
int64_t cri_disk_used(struct cri *c, uint32_t container);
int64_t cri_volume_size(const struct cri *c, uint32_t volume);
/* What a container takes on the disk before it writes anything: its directories. A modelling choice. */
#define CRI_DISK_BASE 32768
/* cri.deps.disk is called, once, when no less than so much more is written to the nodes' disks: files, logs, images. */
void cri_watch_disk(struct cri *c, int64_t bytes);
void cri_disk_grows(struct cri *c, int64_t bytes);
int64_t cri_process_count(const struct cri *c, uint32_t container);
/* The average of what it used between two instants, both while it ran. */
int64_t cri_cpu_average(const struct cri *c, uint32_t container, sim_time from, sim_time until);
int64_t cri_cpu_milli(const struct cri *c, uint32_t container); /* what it uses at this instant, as far as it is said */
/* From now on it uses this much beside what its programs take. */
void cri_set_memory(struct cri *c, uint32_t container, int64_t bytes);
/* Another limit, 0 = none. */
void cri_limit_memory(struct cri *c, uint32_t container, int64_t bytes);
/* The same for all containers of a sandbox together. */
void cri_limit_sandbox_memory(struct cri *c, uint32_t sandbox, int64_t bytes);
const struct cri_container *cri_container(const struct cri *c, uint32_t container);
uint32_t cri_find_container(const struct cri *c, const char *id); /* 0: there is none, or it was removed */
void cri_remove_container(struct cri *c, uint32_t container);
bool cri_container_exists(const struct cri *c, uint32_t container); /* it has not been removed */
/* What its main process would be sent to stop it: the image's STOPSIGNAL or SIGTERM (15). */
int cri_stop_signal(const struct cri *c, uint32_t container);
int cri_signal_number(const char *name); /* "SIGTERM", "TERM", "15" -> 15; -1 unknown */
const char *cri_signal_name(int number); /* 15 -> "SIGTERM" */
/* Last lines of its log, at most `lines` and `bytes`, in the run's arena. */
const char *cri_log_tail(struct cri *c, uint32_t container, uint32_t lines, size_t bytes);
/* The whole log; *ret_len bytes. */
const char *cri_log(struct cri *c, uint32_t container, size_t *ret_len);

/* ---- exec: probes, hooks, kubectl exec ---- */
struct cri_exec {
    bool done;
    bool timed_out;
    int32_t exit_code;
    const char *error;  /* the runtime could not run it (not found, container not running): the whole
                         * gRPC error, "rpc error: code = Unknown desc = ..."; else NULL */
    const char *output; /* stdout then stderr as written, first 10 KiB */
    const char *errors; /* the part of it that is stderr */
    sim_time finished_at;
    sim_time lasts_until; /* cri_exec_probe: it would end in the same way again until then; see "worlds" */
    uint64_t world;       /* of the sandbox, when it ended */
    uint32_t pids;        /* process ids it used up */
};
/* Runs argv in a running container, killed after `timeout` (0 = none); `done` is armed when it ends. */
uint32_t cri_exec(struct cri *c, uint32_t container, const str_list *argv, sim_time timeout,
                  struct sim_key done);
/* As cri_exec, and finds out whether it does more than look at its world. */
uint32_t cri_exec_probe(struct cri *c, uint32_t container, const str_list *argv, sim_time timeout,
                        struct sim_key done);
const struct cri_exec *cri_exec_result(const struct cri *c, uint32_t exec);
void cri_exec_release(struct cri *c, uint32_t exec); /* also abandons one that still runs */

/* ---- worlds: when a probe would be answered as before ----
 *
 * What a sandbox's containers hold - files, processes, sockets - is its world. It can only change when one of
 * its processes runs, when something is done to them from outside, or when a probe does more than look; each
 * time its number grows. An answer that came while the number stayed the same, took no time, and depended on
 * nothing else (the clock, other pods, process ids, chance) is the answer until the number grows, or until its
 * `lasts_until`. What is not known to be so has lasts_until 0. */
uint64_t cri_world(const struct cri *c, uint32_t container);
/* Have deps.disturbed called before the next change. */
void cri_watch(struct cri *c, uint32_t container);
/* `times` executions like one that used up `pids` process ids took place without being carried out. */
void cri_exec_repeated(struct cri *c, uint32_t container, uint32_t pids, uint32_t times);

/* ---- network, as seen from the node ---- */
enum net_result {
    NET_OK,
    NET_REFUSED,
    NET_TIMEOUT, /* nothing is at that address */
    NET_RESET,   /* it took the connection and closed it without an answer */
    NET_NO_HOST, /* the name does not resolve */
    NET_NOT_TLS, /* it speaks plain HTTP and was asked by HTTPS */
};
#define NET_NEVER_ANSWERS (SIM_TIME_MAX / 4) /* http_reply.took */
struct http_reply {
    enum net_result result;
    int32_t status;
    const char *body; /* never NULL when NET_OK; good until the runtime is called again */
    const char *location;
    const str_map *headers; /* beside those; NULL = none; it lives as long as the run */
    sim_time took;        /* the server's own time until the headers, beside the network's */
    sim_time body_took;   /* from the headers to the end of the body; NET_NEVER_ANSWERS: it stalls */
    sim_time lasts_until; /* the same request would be answered with the same status until then; see "worlds" */
    bool varies;          /* `took` is drawn for each request */
    bool closes;          /* the server ends the connection after this answer */
    bool overloaded;      /* it had to wait for others, or was turned away because of them */
    uint32_t line;        /* of a request whose lines are held: what it printed is this, cri_line(); 0 = it is not that */
};
struct http_request {
    const char *method, *ip, *path, *host, *user_agent;
    int32_t port;
    bool https;
    LIST_OF(struct str_pair) headers; /* those of Host and User-Agent, too */
    bool hold_lines; /* what servers print is recorded by cri_held_lines() */
};
/* Answered by whatever listens in the pod at this instant; the request appears in its log. */
void cri_http(struct cri *c, const struct http_request *request, struct http_reply *ret_reply);
/* The held lines are in the log; they get records, or not. */
void cri_held_lines(struct cri *c, bool record);
const struct trace_line *cri_line(const struct cri *c, uint32_t line);
/* The request was made again at `at`, and is not carried out: its line goes into the log, without a record. */
void cri_line_repeated(struct cri *c, uint32_t line, sim_time at);
/* How many more are sure to fit into the log. */
uint32_t cri_line_room(const struct cri *c, uint32_t line);
/* ---- network, as seen by clients that are in no container (traffic.h) ---- */
struct net_peer { /* a process, also when it is gone */
    uint32_t container; /* 0 = none */
    int32_t pid;
    sim_time since;
};
/* On a new connection, or on one to `open` (not NULL), which is there. Servers do not log it. *ret_peer: who answers. */
void cri_ask(struct cri *c, const struct http_request *request, const char *client_ip, const struct net_peer *open,
             struct http_reply *ret_reply, struct net_peer *ret_peer);
bool cri_is_there(const struct cri *c, const struct net_peer *peer);
/* Have deps.address called before the next change of anything that is behind this address. */
void cri_watch_address(struct cri *c, const char *ip);
/* The pod whose address it is or was last; 0 = of none, or of a node. */
uint32_t cri_pod_at(const struct cri *c, const char *ip);

/* *ret_lasts_until: as in http_reply. */
enum net_result cri_tcp_connect(struct cri *c, const char *ip, int32_t port, sim_time *ret_lasts_until);
enum grpc_health {
    GRPC_SERVING,
    GRPC_NOT_SERVING,
    GRPC_UNKNOWN_SERVICE, /* status NotFound */
    GRPC_UNIMPLEMENTED,   /* it speaks gRPC and has no health service */
    GRPC_NO_CONNECTION,   /* nobody is there, or nobody who speaks gRPC */
};
struct grpc_reply {
    enum grpc_health health;
    sim_time took;        /* the server's own time, beside the network's */
    sim_time lasts_until; /* as in http_reply */
};
void cri_grpc_health(struct cri *c, const char *ip, int32_t port, const char *service, struct grpc_reply *ret_reply);

#endif
