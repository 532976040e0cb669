/* kubectl_private.h - a parsed kubectl line, shared by the files that parse it and carry it out.
 *
 *   kubectl_words.c   the line as words, as a shell splits it
 *   kubectl_parse.c   verbs, flags, resources -> struct kubectl_command; with kubectl_target.c,
 *                     kubectl_verb.c, kubectl_make.c ..., see kubectl_parse.h
 *   kubectl.c         execution: create, delete, expose
 *   kubectl_draft.c   what --dry-run=client prints
 *   kubectl_get.c     get, events
 *   kubectl_exec.c    what looks into containers: exec, logs; kubectl_pick.c: of which pod
 *   kubectl_edit.c    changes of existing objects: label, taint; what may change at all
 *   kubectl_document.c  objects as documents that are changed path by path
 *   kubectl_patch.c   patch, apply, replace
 *   kubectl_set.c     set, scale
 *   kubectl_rollout.c rollout
 *   kubectl_job.c     lines that take time; kubectl_wait.c, kubectl_drain.c
 *   kubectl_describe*.c  describe
 */
#ifndef MODEL_KUBECTL_PRIVATE_H
#define MODEL_KUBECTL_PRIVATE_H

#include "model/document.h"
#include "model/kubectl.h"
#include "model/selector.h"

/* ---- words ---- */
struct word {
    const char *text;
    size_t offset; /* of its first character in the line */
    size_t length; /* in the line, quotes included */
};
typedef LIST_OF(struct word) word_list;

/* Splits as sh does: blanks, '...', "...", backslash. -1 with *ret_error and *ret_offset for an open
 * quote, or for what only a shell could do (pipes, redirections, $VAR). */
int kubectl_split(struct arena *a, const char *line, word_list *ret_words, const char **ret_error,
                  size_t *ret_offset);

/* ---- the command ---- */

/* Verbs of two words are told apart by both. `waits`: lines after it in a list wait until it is over, if it takes
 * time. The texts stand in podsim-scenario(5), too; tests/unit/test_kubectl.c compares.
 *    id                      name                          waits  what it does */
#define KUBECTL_VERBS(X)                                                                                               \
    X(ANNOTATE, "annotate", false, "sets and removes annotations")                                                     \
    X(APPLY, "apply", false, "creates what a file holds, or changes what is there to it")                              \
    X(AUTOSCALE, "autoscale", false, "makes a HorizontalPodAutoscaler for a workload")                                 \
    X(CORDON, "cordon", false, "takes a node from scheduling")                                                         \
    X(CREATE, "create", false, "creates what a file holds")                                                            \
    X(CREATE_CONFIGMAP, "create configmap", false, "of literals and files")                                            \
    X(CREATE_CRONJOB, "create cronjob", false, "of an image and a schedule")                                           \
    X(CREATE_DEPLOYMENT, "create deployment", false, "of an image")                                                    \
    X(CREATE_JOB, "create job", false, "of an image, or from a CronJob")                                               \
    X(CREATE_NAMESPACE, "create namespace", false, "by name")                                                          \
    X(CREATE_PDB, "create poddisruptionbudget", false, "of a selector and a number")                                   \
    X(CREATE_PRIORITYCLASS, "create priorityclass", false, "by name and value")                                        \
    X(CREATE_QUOTA, "create quota", false, "of hard limits")                                                           \
    X(CREATE_SECRET, "create secret", false, "generic: of literals and files")                                         \
    X(CREATE_SERVICE, "create service", false, "clusterip, nodeport, loadbalancer or externalname")                    \
    X(CREATE_SERVICEACCOUNT, "create serviceaccount", false, "by name")                                                \
    X(DEBUG, "debug", false, "adds an ephemeral container to a pod")                                                   \
    X(DELETE, "delete", true, "deletes objects; waits only with --wait")                                               \
    X(DESCRIBE, "describe", false, "prints the details of objects, with their Events")                                 \
    X(DRAIN, "drain", true, "cordons a node and evicts its pods; waits until they are gone")                           \
    X(EDIT, "edit", false, "changes one object as an editor would: by --patch")                                        \
    X(EVENTS, "events", false, "prints Events in order of time")                                                       \
    X(EXEC, "exec", true, "runs a command in a container; waits for its end")                                          \
    X(EXPOSE, "expose", false, "makes a Service for a pod, a Service or a workload")                                   \
    X(GET, "get", false, "prints objects")                                                                             \
    X(LABEL, "label", false, "sets and removes labels")                                                                \
    X(LOGS, "logs", false, "prints what a container has printed")                                                      \
    X(PATCH, "patch", false, "changes an object by a strategic, merge or JSON patch")                                  \
    X(REPLACE, "replace", true, "puts what a file holds in the place of what is there; with --force anew, when it is gone") \
    X(ROLLOUT_HISTORY, "rollout history", false, "prints the revisions of a workload")                                 \
    X(ROLLOUT_PAUSE, "rollout pause", false, "lets changes of the template wait")                                      \
    X(ROLLOUT_RESTART, "rollout restart", false, "replaces all pods of a workload")                                    \
    X(ROLLOUT_RESUME, "rollout resume", false, "ends a pause")                                                         \
    X(ROLLOUT_STATUS, "rollout status", true, "waits until a rollout is over")                                         \
    X(ROLLOUT_UNDO, "rollout undo", false, "goes back to an earlier revision")                                         \
    X(RUN, "run", true, "creates a pod of an image; waits only with --attach, or -it and --rm")                        \
    X(SCALE, "scale", false, "sets the number of replicas")                                                            \
    X(SET_ENV, "set env", false, "changes the environment of containers")                                              \
    X(SET_IMAGE, "set image", false, "changes the images of containers")                                               \
    X(SET_RESOURCES, "set resources", false, "changes requests and limits of containers")                              \
    X(SET_SELECTOR, "set selector", false, "changes the selector of a Service")                                        \
    X(SET_SERVICEACCOUNT, "set serviceaccount", false, "changes the service account of a workload")                    \
    X(TAINT, "taint", false, "sets and removes taints of nodes")                                                       \
    X(TOP, "top", false, "prints what pods or nodes use, as metrics-server says")                                \
    X(UNCORDON, "uncordon", false, "gives a node back to scheduling")                                                  \
    X(WAIT, "wait", true, "waits for a condition, a field, a creation or a deletion")

enum kubectl_verb {
#define X(id, name, waits, doc) VERB_##id,
    KUBECTL_VERBS(X)
#undef X
        VERB_COUNT
};
_Static_assert(VERB_COUNT <= 64, "sets of verbs are 64 bits");

struct kubectl_verb_info {
    const char *name, *doc;
    bool waits;
};
extern const struct kubectl_verb_info kubectl_verbs[VERB_COUNT];

struct field_term {
    const char *path; /* "status.phase", "metadata.name", "spec.nodeName" ... */
    const char *value;
    bool negated;
};

struct target { /* a kind, and a name unless all of it is meant */
    enum api_kind kind;
    const char *name;
};

struct change { /* key=value; value NULL = key- */
    const char *key, *value;
    const char *effect; /* taints: NULL = any (removal) */
};

enum kubectl_output {
    OUT_TABLE,
    OUT_WIDE,
    OUT_YAML,
    OUT_JSON,
    OUT_NAME,
    OUT_JSONPATH,
    OUT_COLUMNS /* custom-columns */
};
enum subresource { SUB_NONE, SUB_STATUS, SUB_EPHEMERAL, SUB_RESIZE };
enum patch_type { PATCH_STRATEGIC, PATCH_MERGE, PATCH_JSON };
enum dry_run { DRY_NONE, DRY_CLIENT, DRY_SERVER };
enum cascade { CASCADE_BACKGROUND, CASCADE_FOREGROUND, CASCADE_ORPHAN };

enum wait_kind { WAIT_CREATE, WAIT_DELETE, WAIT_CONDITION, WAIT_JSONPATH };
struct wait_for {
    enum wait_kind kind;
    const char *name;  /* of the condition; the JSONPath as given */
    const char *value; /* JSONPath: NULL = any */
};

struct drain_options {
    bool ignore_daemon_sets, delete_empty_dir, disable_eviction;
    selector pods;
    int64_t skip_after_s; /* --skip-wait-for-delete-timeout */
};

struct kubectl_command {
    enum kubectl_verb verb;
    const char *line; /* without a leading "kubectl" */
    struct src_pos pos;

    const char *namespace_; /* NULL = default */
    bool all_namespaces;
    LIST_OF(struct target) targets;
    bool by_type; /* "TYPE/NAME" or several kinds: print kinds */
    selector select;
    bool has_selector, all;
    LIST_OF(struct field_term) fields;
    bool ignore_not_found;

    const char *file; /* as typed, for messages */
    LIST_OF(const struct api_object *) objects; /* of -f, run, expose, create KIND */
    const char *made_name;                      /* create job --from: the Job's */
    const struct value *draft;                  /* of run, create KIND: what kubectl makes up */

    int64_t grace; /* -1 = not given */
    bool force;
    enum cascade cascade;
    bool wait;        /* delete --wait, run --attach: the line takes time */
    bool remove;      /* run --rm */
    sim_time timeout; /* SIM_NEVER = none */
    enum dry_run dry_run;

    enum kubectl_output output;
    const char *output_text; /* after "jsonpath=", "custom-columns=" */
    bool no_headers, show_labels, show_kind;
    str_list label_columns;
    const char *sort_by;

    const char *container;
    str_list argv;
    bool previous, all_containers, prefix;
    int64_t tail; /* -1 = all */

    LIST_OF(struct change) changes; /* label, annotate, taint, set */
    bool overwrite, list;

    enum patch_type patch_type;
    const struct value *patch;
    enum subresource subresource;
    const char *said; /* what debug says instead of "patched" */

    LIST_OF(struct wait_for) waits;
    struct drain_options drain;
    int64_t replicas, current_replicas; /* scale; -1 = not given */
    int64_t revision;                   /* of rollout undo, status, history */
    str_map requests, limits;           /* set resources */
    bool watch;                         /* rollout status, get, events */
    bool watch_only;                    /* get: what is there already is not printed */
};

/* ---- execution ---- */
struct kubectl_run {
    struct cluster *cluster;
    struct store *store;
    struct sim *sim;
    struct arena *arena; /* the run's */
    const struct kubectl_command *command;
    uint32_t record; /* what caused the command: the cause of every write */
    struct strbuf *out;
    int code;
};

/* Every write of an action has the action as its cause. */
void kubectl_begin_write(struct kubectl_run *r);
/* "Error from server (NotFound): pods "web" not found" */
void kubectl_not_found(struct kubectl_run *r, enum api_kind kind, const char *name);
/* "pod/web created"; with -o the object itself; "(dry run)" where nothing is written. */
void kubectl_say(struct kubectl_run *r, const struct api_object *o, const char *what);
/* "error: ..." or "Error from server ...": a line; the exit code becomes 1. */
void kubectl_fail(struct kubectl_run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The objects the command's targets and selectors name, in order. Missing names are reported. */
typedef LIST_OF(const struct api_object *) object_list;
object_list kubectl_targets(struct kubectl_run *r);
bool kubectl_means(const struct kubectl_run *r, const struct api_object *o); /* is this one of them? */
/* Item i as it is now: a line may name an object twice. False: it is gone, and that has been said. */
bool kubectl_current(struct kubectl_run *r, object_list *list, uint32_t i);

/* kubectl_top.c */
void kubectl_top(struct kubectl_run *r);

/* kubectl.c */
const char *kubectl_namespace(const struct kubectl_run *r);
const char *kubectl_resource_name(struct kubectl_run *r, enum api_kind kind); /* "endpointslices.discovery.k8s.io" */
void kubectl_sort_by_name(object_list *list);
void kubectl_say_deleted(struct kubectl_run *r, const struct api_object *o);
bool kubectl_create(struct kubectl_run *r, const struct api_object *given, const char *done);

/* kubectl_job.c: a line that takes time */
struct kubectl_job;
/* Looks at the cluster. `event`: what a watch has delivered; NULL at the start and when a timer has gone off. What it
 * puts into run->out is said at once. True: it is over, with run->code. */
typedef bool kubectl_step(struct kubectl_job *job, const struct watch_event *event);
struct kubectl_job {
    struct kubectl_run run; /* out: of the step at hand */
    kubectl_step *step;
    void *data;
    bool timed_out;
    /* private */
    uint32_t object, watch;
    bool over, watching;
    struct sim_timer look, deadline;
};
/* Takes the first step now; unless it is over then, goes on with every write to objects of `kinds` (1 << KIND_x), and
 * at `r->command->timeout` from now with timed_out. */
void kubectl_run_on(struct kubectl_run *r, uint32_t kinds, kubectl_step *step, void *data);
/* Inside a step: another one at `at`, whatever happens. */
void kubectl_job_at(struct kubectl_job *job, sim_time at);

/* kubectl_document.c: objects as documents; more in document.h. */
const struct value *kubectl_document(struct kubectl_run *r, const struct api_object *o);
/* The field at `path` of a type's tables, or NULL. */
const struct api_field *type_field(const struct api_type *type, const char *path);
/* "spec.template" of workloads, "spec.jobTemplate.spec.template" of CronJobs, "" of pods; NULL = has no pods. */
const char *pod_template_path(enum api_kind kind);

/* kubectl_edit.c */
/* Writes `next` unless nothing changed or it may not change so; true when written. */
bool kubectl_write_if_changed(struct kubectl_run *r, const struct api_object *live, struct api_object *next,
                              bool *ret_unchanged);
void kubectl_label(struct kubectl_run *r);
void kubectl_taint(struct kubectl_run *r);
void kubectl_cordon(struct kubectl_run *r, bool on);
/* kubectl_patch.c */
/* The object becomes what `document` says; "... done", or "... not_done" when that is what it was. False: it may not. */
bool kubectl_change(struct kubectl_run *r, const struct api_object *live, const struct value *document,
                    const char *done, const char *not_done);
void kubectl_patch(struct kubectl_run *r);
void kubectl_apply(struct kubectl_run *r, const struct api_object *given);
void kubectl_replace(struct kubectl_run *r);
/* kubectl_set.c */
void kubectl_set_image(struct kubectl_run *r);
void kubectl_set_env(struct kubectl_run *r);
void kubectl_set_resources(struct kubectl_run *r);
void kubectl_set_selector(struct kubectl_run *r);
void kubectl_set_service_account(struct kubectl_run *r);
void kubectl_scale(struct kubectl_run *r);
/* kubectl_rollout.c */
void kubectl_rollout_history(struct kubectl_run *r);
void kubectl_rollout_pause(struct kubectl_run *r);
void kubectl_rollout_restart(struct kubectl_run *r);
void kubectl_rollout_resume(struct kubectl_run *r);
void kubectl_rollout_status(struct kubectl_run *r);
void kubectl_rollout_undo(struct kubectl_run *r);
/* kubectl_wait.c */
void kubectl_wait(struct kubectl_run *r);
void kubectl_wait_for_deletion(struct kubectl_run *r, const object_list *list);
/* kubectl_drain.c */
void kubectl_drain(struct kubectl_run *r);
/* kubectl_exec.c */
void kubectl_exec(struct kubectl_run *r);
void kubectl_logs(struct kubectl_run *r);
void kubectl_attach(struct kubectl_run *r, const struct api_object *pod); /* run --attach */
/* kubectl_pick.c */
/* The pod itself, or the best one of a workload or Service; NULL: it has said why. */
const struct pod *kubectl_pod_of(struct kubectl_run *r, const struct api_object *o);
/* kubectl_draft.c */
/* The object as kubectl would send it; NULL: nobody wrote it. */
const struct value *kubectl_draft(struct kubectl_run *r, const struct api_object *o);
/* kubectl_get.c */
void kubectl_get(struct kubectl_run *r);
void kubectl_events(struct kubectl_run *r);
/* Whether a JSONPath, as given on the line, is this value; value NULL = is anything. */
bool kubectl_json_path_is(struct arena *a, const struct value *document, const char *path, const char *value);
/* Objects as -o says; only with yaml, json, name, jsonpath, custom-columns. */
void kubectl_print_objects(struct kubectl_run *r, const object_list *list, bool alone);
/* kubectl_describe.c */
void kubectl_describe(struct kubectl_run *r);
void kubectl_describe_template(struct kubectl_run *r, const struct object_meta *meta, const struct pod_spec *spec);

#endif
