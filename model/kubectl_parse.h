/* kubectl_parse.h - a kubectl line while it is parsed: shared by the files that do it, and nobody else's.
 *
 *   kubectl_parse.c   words and flags; which verb
 *   kubectl_target.c  what a line is about: kinds, names, selectors, files
 *   kubectl_output.c  how objects are printed: -o
 *   kubectl_verb.c    one function per verb; kubectl_verb_set.c, kubectl_verb_wait.c
 *   kubectl_make.c    verbs that make up objects: run, expose; kubectl_create.c: create KIND
 *
 * A mistake is reported where it stands and remembered in `result`; parsing goes on, so that one line
 * can have several.
 */
#ifndef MODEL_KUBECTL_PARSE_H
#define MODEL_KUBECTL_PARSE_H

#include "model/kubectl_private.h"

/* ---- flags ---- */

/* Sets of verbs. */
#define V(id) (UINT64_C(1) << VERB_##id)
#define V_ALL (~UINT64_C(0))
#define V_ROLLOUT                                                                                                      \
    (V(ROLLOUT_HISTORY) | V(ROLLOUT_PAUSE) | V(ROLLOUT_RESTART) | V(ROLLOUT_RESUME) | V(ROLLOUT_STATUS) |              \
     V(ROLLOUT_UNDO))
#define V_SET (V(SET_ENV) | V(SET_IMAGE) | V(SET_RESOURCES) | V(SET_SELECTOR) | V(SET_SERVICEACCOUNT))
#define V_CREATE                                                                                                       \
    (V(CREATE) | V(CREATE_CONFIGMAP) | V(CREATE_CRONJOB) | V(CREATE_DEPLOYMENT) | V(CREATE_JOB) |                      \
     V(CREATE_NAMESPACE) | V(CREATE_PDB) | V(CREATE_PRIORITYCLASS) | V(CREATE_QUOTA) | V(CREATE_SECRET) |              \
     V(CREATE_SERVICE) | V(CREATE_SERVICEACCOUNT))
#define V_FILE                                                                                                         \
    (V(APPLY) | V(CREATE) | V(DELETE) | V(GET) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE) | V(EXPOSE) | V(REPLACE) |       \
     V(PATCH) | V(SCALE) | V(AUTOSCALE) | V(WAIT) | V(EDIT) | V_ROLLOUT | V_SET)
#define V_SELECT                                                                                                       \
    (V(APPLY) | V(CREATE) | V(DELETE) | V(GET) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE) | V(TAINT) | V(CORDON) |         \
     V(UNCORDON) | V(LOGS) | V(DRAIN) | V(SCALE) | V(WAIT) | V(TOP) | V_ROLLOUT |                                      \
     (V_SET & ~V(SET_SELECTOR)))
/* What prints the object that it has changed. */
#define V_OUTPUT                                                                                                       \
    (V(GET) | V(EVENTS) | V(DELETE) | V(APPLY) | V(LABEL) | V(ANNOTATE) | V(TAINT) | V(PATCH) | V(RUN) | V(EXPOSE) |   \
     V(SCALE) | V(AUTOSCALE) | V(REPLACE) | V(WAIT) | V(EDIT) | V_CREATE | V_SET |                                     \
     (V_ROLLOUT & ~V(ROLLOUT_STATUS)))
/* What may be tried without effect. */
#define V_WRITE                                                                                                        \
    (V(DELETE) | V(APPLY) | V(LABEL) | V(ANNOTATE) | V(TAINT) | V(PATCH) | V(RUN) | V(EXPOSE) | V(SCALE) |             \
     V(AUTOSCALE) | V(REPLACE) | V(CORDON) | V(UNCORDON) | V(DRAIN) | V(ROLLOUT_UNDO) | V_CREATE | V_SET)

enum takes { TAKES_NOTHING, TAKES_VALUE, TAKES_MAYBE /* --wait, --wait=false */ };

/* FLAG_USED: it has a meaning here. FLAG_IGNORED: it is accepted and has none. Others are kubectl's flags that podsim
 * has not: why, or what to do instead. */
#define FLAG_USED NULL
#define FLAG_IGNORED ""

/*    id, name, letter, what follows, verbs, state */
/* clang-format off */
#define FLAGS(X) \
    X(NAMESPACE, "namespace", 'n', TAKES_VALUE, V_ALL, FLAG_USED) \
    X(REQUEST_TIMEOUT, "request-timeout", 0, TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(CONTEXT, "context", 0, TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(CLUSTER, "cluster", 0, TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(KUBECONFIG, "kubeconfig", 0, TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(USER, "user", 0, TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(AS, "as", 0, TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(SERVER, "server", 's', TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(VERBOSE, "v", 'v', TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(WARNINGS, "warnings-as-errors", 0, TAKES_MAYBE, V_ALL, FLAG_IGNORED) \
    X(FIELD_MANAGER, "field-manager", 0, TAKES_VALUE, V_ALL, FLAG_IGNORED) \
    X(RECORD, "record", 0, TAKES_MAYBE, V_ALL, FLAG_IGNORED) \
    X(ALL_NAMESPACES, "all-namespaces", 'A', TAKES_MAYBE, V(GET) | V(DELETE) | V(LABEL) | V(ANNOTATE) | V(DESCRIBE) | V(EVENTS) | V(WAIT), FLAG_USED) \
    X(SELECTOR, "selector", 'l', TAKES_VALUE, V_SELECT, FLAG_USED) \
    X(FIELD_SELECTOR, "field-selector", 0, TAKES_VALUE, V(GET) | V(DELETE) | V(LABEL) | V(ANNOTATE) | V(WAIT), FLAG_USED) \
    X(ALL, "all", 0, TAKES_MAYBE, V(DELETE) | V(LABEL) | V(ANNOTATE) | V(TAINT) | V_SET | V(SCALE) | V(WAIT), FLAG_USED) \
    X(FILENAME, "filename", 'f', TAKES_VALUE, V_FILE, FLAG_USED) \
    X(KUSTOMIZE, "kustomize", 'k', TAKES_VALUE, V_FILE, "kustomizations are not built here; give the output of `kubectl kustomize`") \
    X(RECURSIVE, "recursive", 'R', TAKES_MAYBE, V_FILE, FLAG_IGNORED) \
    X(OUTPUT, "output", 'o', TAKES_VALUE, V_OUTPUT, FLAG_USED) \
    X(TEMPLATE, "template", 0, TAKES_VALUE, V_OUTPUT, "Go templates are not evaluated; use -o jsonpath=...") \
    X(MANAGED_FIELDS, "show-managed-fields", 0, TAKES_MAYBE, V_OUTPUT, FLAG_IGNORED) \
    X(MISSING_KEYS, "allow-missing-template-keys", 0, TAKES_MAYBE, V_OUTPUT, FLAG_IGNORED) \
    X(NO_HEADERS, "no-headers", 0, TAKES_MAYBE, V(GET) | V(EVENTS) | V(TOP), FLAG_USED) \
    X(SHOW_LABELS, "show-labels", 0, TAKES_MAYBE, V(GET) | V(LABEL), FLAG_USED) \
    X(LABEL_COLUMNS, "label-columns", 'L', TAKES_VALUE, V(GET), FLAG_USED) \
    X(SHOW_KIND, "show-kind", 0, TAKES_MAYBE, V(GET), FLAG_USED) \
    X(SORT_BY, "sort-by", 0, TAKES_VALUE, V(GET) | V(TOP), FLAG_USED) \
    X(CHUNK, "chunk-size", 0, TAKES_VALUE, V(GET) | V(DRAIN) | V(DESCRIBE), FLAG_IGNORED) \
    X(SERVER_PRINT, "server-print", 0, TAKES_MAYBE, V(GET), FLAG_IGNORED) \
    X(WATCH_, "watch", 'w', TAKES_MAYBE, V(GET) | V(EVENTS), FLAG_USED) \
    X(WATCH_ONLY, "watch-only", 0, TAKES_MAYBE, V(GET), FLAG_USED) \
    X(RAW, "raw", 0, TAKES_VALUE, V(GET) | V(CREATE) | V(DELETE) | V(REPLACE), "raw requests are not served") \
    X(NOT_FOUND, "ignore-not-found", 0, TAKES_MAYBE, V(DELETE) | V(GET), FLAG_USED) \
    X(DRY_RUN, "dry-run", 0, TAKES_MAYBE, V_WRITE, FLAG_USED) \
    X(GRACE, "grace-period", 0, TAKES_VALUE, V(DELETE) | V(DRAIN) | V(APPLY) | V(REPLACE), FLAG_USED) \
    X(FORCE, "force", 0, TAKES_MAYBE, V(DELETE) | V(DRAIN) | V(REPLACE), FLAG_USED) \
    X(APPLY_FORCE, "force", 0, TAKES_MAYBE, V(APPLY), "apply does not delete and create again; use replace --force") \
    X(NOW, "now", 0, TAKES_MAYBE, V(DELETE), FLAG_USED) \
    X(CASCADE, "cascade", 0, TAKES_MAYBE, V(DELETE) | V(REPLACE) | V(APPLY), FLAG_USED) \
    X(WAIT, "wait", 0, TAKES_MAYBE, V(DELETE) | V(APPLY) | V(REPLACE), FLAG_USED) \
    X(TIMEOUT, "timeout", 0, TAKES_VALUE, V(DELETE) | V(APPLY) | V(REPLACE) | V(DRAIN) | V(WAIT) | V(ROLLOUT_STATUS), FLAG_USED) \
    X(SCALE_TIMEOUT, "timeout", 0, TAKES_VALUE, V(SCALE), "scale does not wait; use rollout status") \
    X(INTERACTIVE, "interactive", 'i', TAKES_MAYBE, V(DELETE), FLAG_IGNORED) \
    X(CONTAINER, "container", 'c', TAKES_VALUE, V(EXEC) | V(LOGS) | V(DEBUG), FLAG_USED) \
    X(CONTAINERS, "containers", 'c', TAKES_VALUE, V(SET_ENV) | V(SET_RESOURCES), FLAG_USED) \
    X(PREVIOUS, "previous", 'p', TAKES_MAYBE, V(LOGS), FLAG_USED) \
    X(TAIL, "tail", 0, TAKES_VALUE, V(LOGS), FLAG_USED) \
    X(ALL_CONTAINERS, "all-containers", 0, TAKES_MAYBE, V(LOGS), FLAG_USED) \
    X(PREFIX, "prefix", 0, TAKES_MAYBE, V(LOGS), FLAG_USED) \
    X(FOLLOW, "follow", 'f', TAKES_MAYBE, V(LOGS), "a log is printed as it is at that time; podsim logs shows all of it") \
    X(SINCE, "since", 0, TAKES_VALUE, V(LOGS), "only --tail limits a log here") \
    X(SINCE_TIME, "since-time", 0, TAKES_VALUE, V(LOGS), "only --tail limits a log here") \
    X(TIMESTAMPS, "timestamps", 0, TAKES_MAYBE, V(LOGS), "podsim logs shows times") \
    X(LIMIT_BYTES, "limit-bytes", 0, TAKES_VALUE, V(LOGS), "only --tail limits a log here") \
    X(LOG_REQUESTS, "max-log-requests", 0, TAKES_VALUE, V(LOGS), FLAG_IGNORED) \
    X(ALL_PODS, "all-pods", 0, TAKES_MAYBE, V(LOGS), "use a selector") \
    X(POD_TIMEOUT, "pod-running-timeout", 0, TAKES_VALUE, V(EXEC) | V(LOGS) | V(RUN), FLAG_IGNORED) \
    X(OVERWRITE, "overwrite", 0, TAKES_MAYBE, V(LABEL) | V(ANNOTATE) | V(TAINT) | V(SET_ENV), FLAG_USED) \
    X(LOCAL, "local", 0, TAKES_MAYBE, V(LABEL) | V(ANNOTATE) | V(PATCH) | V_SET, "nothing is changed outside of the cluster here") \
    X(LIST, "list", 0, TAKES_MAYBE, V(LABEL) | V(ANNOTATE) | V(SET_ENV), FLAG_USED) \
    X(RESOURCE_VERSION, "resource-version", 0, TAKES_VALUE, V(LABEL) | V(ANNOTATE) | V(SCALE) | V(SET_SELECTOR), "resourceVersions differ from run to run of real clusters; leave it out") \
    X(PATCH, "patch", 'p', TAKES_VALUE, V(PATCH) | V(EDIT), FLAG_USED) \
    X(PATCH_FILE, "patch-file", 0, TAKES_VALUE, V(PATCH), "give the patch itself with -p") \
    X(PATCH_TYPE, "type", 0, TAKES_VALUE, V(PATCH) | V(EDIT), FLAG_USED) \
    X(SERVICE_TYPE, "type", 0, TAKES_VALUE, V(EXPOSE) | V(CREATE_SECRET), FLAG_USED) \
    X(SUBRESOURCE, "subresource", 0, TAKES_VALUE, V(PATCH) | V(GET) | V(EDIT) | V(REPLACE), FLAG_USED) \
    X(EDIT_OUTPUT_PATCH, "output-patch", 0, TAKES_MAYBE, V(EDIT), FLAG_IGNORED) \
    X(WINDOWS, "windows-line-endings", 0, TAKES_MAYBE, V(EDIT), FLAG_IGNORED) \
    X(IMAGE, "image", 0, TAKES_VALUE, V(RUN) | V(DEBUG) | V(CREATE_JOB) | V(CREATE_CRONJOB) | V(CREATE_DEPLOYMENT), FLAG_USED) \
    X(TARGET, "target", 0, TAKES_VALUE, V(DEBUG), FLAG_USED) \
    X(PROFILE, "profile", 0, TAKES_VALUE, V(DEBUG), FLAG_IGNORED) \
    X(COPY_TO, "copy-to", 0, TAKES_VALUE, V(DEBUG), "only ephemeral containers are added; no copies of pods") \
    X(DEBUG_MISC, "same-node", 0, TAKES_MAYBE, V(DEBUG), "only ephemeral containers are added; no copies of pods") \
    X(SHARE_PROCESSES, "share-processes", 0, TAKES_MAYBE, V(DEBUG), "only ephemeral containers are added; no copies of pods") \
    X(REPLACE_POD, "replace", 0, TAKES_MAYBE, V(DEBUG), "only ephemeral containers are added; no copies of pods") \
    X(RESTART, "restart", 0, TAKES_VALUE, V(RUN) | V(CREATE_CRONJOB), FLAG_USED) \
    X(LABELS, "labels", 'l', TAKES_VALUE, V(RUN) | V(EXPOSE), FLAG_USED) \
    X(ANNOTATIONS, "annotations", 0, TAKES_VALUE, V(RUN), FLAG_USED) \
    X(ENV, "env", 'e', TAKES_VALUE, V(SET_ENV), FLAG_USED) \
    X(RUN_ENV, "env", 0, TAKES_VALUE, V(RUN) | V(DEBUG), FLAG_USED) \
    X(ENV_FROM, "from", 0, TAKES_VALUE, V(SET_ENV), "name the variables one by one; set env does not read ConfigMaps here") \
    X(ENV_KEYS, "keys", 0, TAKES_VALUE, V(SET_ENV), "name the variables one by one; set env does not read ConfigMaps here") \
    X(ENV_PREFIX, "prefix", 0, TAKES_VALUE, V(SET_ENV), "name the variables one by one; set env does not read ConfigMaps here") \
    X(ENV_RESOLVE, "resolve", 0, TAKES_MAYBE, V(SET_ENV), "name the variables one by one; set env does not read ConfigMaps here") \
    X(COMMAND, "command", 0, TAKES_MAYBE, V(RUN), FLAG_USED) \
    X(PULL_POLICY, "image-pull-policy", 0, TAKES_VALUE, V(RUN) | V(DEBUG), FLAG_USED) \
    X(PRIVILEGED, "privileged", 0, TAKES_MAYBE, V(RUN), "security contexts have no effect here") \
    X(PORT, "port", 0, TAKES_VALUE, V(RUN) | V(EXPOSE) | V(CREATE_DEPLOYMENT), FLAG_USED) \
    X(RUN_EXPOSE, "expose", 0, TAKES_MAYBE, V(RUN), "make the Service with kubectl expose") \
    X(OVERRIDES, "overrides", 0, TAKES_VALUE, V(RUN) | V(EXPOSE), "write a manifest and create it") \
    X(OVERRIDE_TYPE, "override-type", 0, TAKES_VALUE, V(RUN) | V(EXPOSE), "write a manifest and create it") \
    X(REMOVE, "rm", 0, TAKES_MAYBE, V(RUN), FLAG_USED) \
    X(ATTACH, "attach", 0, TAKES_MAYBE, V(RUN) | V(DEBUG), FLAG_USED) \
    X(LEAVE_OPEN, "leave-stdin-open", 0, TAKES_MAYBE, V(RUN), FLAG_IGNORED) \
    X(STDIN, "stdin", 'i', TAKES_MAYBE, V(EXEC) | V(RUN) | V(DEBUG), FLAG_USED) \
    X(TTY, "tty", 't', TAKES_MAYBE, V(EXEC) | V(RUN) | V(DEBUG), FLAG_USED) \
    X(QUIET, "quiet", 'q', TAKES_MAYBE, V(EXEC) | V(RUN) | V(DEBUG), FLAG_IGNORED) \
    X(TARGET_PORT, "target-port", 0, TAKES_VALUE, V(EXPOSE), FLAG_USED) \
    X(NAME, "name", 0, TAKES_VALUE, V(EXPOSE) | V(AUTOSCALE), FLAG_USED) \
    X(PROTOCOL, "protocol", 0, TAKES_VALUE, V(EXPOSE), FLAG_USED) \
    X(EXPOSE_SELECTOR, "selector", 0, TAKES_VALUE, V(EXPOSE), FLAG_USED) \
    X(PDB_SELECTOR, "selector", 0, TAKES_VALUE, V(CREATE_PDB), FLAG_USED) \
    X(CLUSTER_IP, "cluster-ip", 0, TAKES_VALUE, V(EXPOSE), FLAG_USED) \
    X(EXTERNAL_IP, "external-ip", 0, TAKES_VALUE, V(EXPOSE), FLAG_USED) \
    X(BALANCER_IP, "load-balancer-ip", 0, TAKES_VALUE, V(EXPOSE), FLAG_IGNORED) \
    X(AFFINITY, "session-affinity", 0, TAKES_VALUE, V(EXPOSE), FLAG_USED) \
    X(LITERAL, "from-literal", 0, TAKES_VALUE, V(CREATE_CONFIGMAP) | V(CREATE_SECRET), FLAG_USED) \
    X(FROM_FILE, "from-file", 0, TAKES_VALUE, V(CREATE_CONFIGMAP) | V(CREATE_SECRET), FLAG_USED) \
    X(ENV_FILE, "from-env-file", 0, TAKES_VALUE, V(CREATE_CONFIGMAP) | V(CREATE_SECRET), "give the values with --from-literal") \
    X(APPEND_HASH, "append-hash", 0, TAKES_MAYBE, V(CREATE_CONFIGMAP) | V(CREATE_SECRET), "names are not hashed here") \
    X(TCP, "tcp", 0, TAKES_VALUE, V(CREATE_SERVICE), FLAG_USED) \
    X(CLUSTERIP, "clusterip", 0, TAKES_VALUE, V(CREATE_SERVICE), FLAG_USED) \
    X(NODE_PORT, "node-port", 0, TAKES_VALUE, V(CREATE_SERVICE), FLAG_USED) \
    X(EXTERNAL_NAME, "external-name", 0, TAKES_VALUE, V(CREATE_SERVICE), FLAG_USED) \
    X(REPLICAS, "replicas", 'r', TAKES_VALUE, V(CREATE_DEPLOYMENT), FLAG_USED) \
    X(SCALE_REPLICAS, "replicas", 0, TAKES_VALUE, V(SCALE), FLAG_USED) \
    X(CURRENT_REPLICAS, "current-replicas", 0, TAKES_VALUE, V(SCALE), FLAG_USED) \
    X(JOB_FROM, "from", 0, TAKES_VALUE, V(CREATE_JOB), FLAG_USED) \
    X(SCHEDULE, "schedule", 0, TAKES_VALUE, V(CREATE_CRONJOB), FLAG_USED) \
    X(HARD, "hard", 0, TAKES_VALUE, V(CREATE_QUOTA), FLAG_USED) \
    X(SCOPES, "scopes", 0, TAKES_VALUE, V(CREATE_QUOTA), FLAG_IGNORED) \
    X(PRIORITY, "value", 0, TAKES_VALUE, V(CREATE_PRIORITYCLASS), FLAG_USED) \
    X(GLOBAL_DEFAULT, "global-default", 0, TAKES_MAYBE, V(CREATE_PRIORITYCLASS), FLAG_USED) \
    X(DESCRIPTION, "description", 0, TAKES_VALUE, V(CREATE_PRIORITYCLASS), FLAG_USED) \
    X(PREEMPTION, "preemption-policy", 0, TAKES_VALUE, V(CREATE_PRIORITYCLASS), FLAG_USED) \
    X(MIN_AVAILABLE, "min-available", 0, TAKES_VALUE, V(CREATE_PDB), FLAG_USED) \
    X(MAX_UNAVAILABLE, "max-unavailable", 0, TAKES_VALUE, V(CREATE_PDB), FLAG_USED) \
    X(MIN, "min", 0, TAKES_VALUE, V(AUTOSCALE), FLAG_USED) \
    X(MAX, "max", 0, TAKES_VALUE, V(AUTOSCALE), FLAG_USED) \
    X(CPU_PERCENT, "cpu-percent", 0, TAKES_VALUE, V(AUTOSCALE), FLAG_USED) \
    X(CPU, "cpu", 0, TAKES_VALUE, V(AUTOSCALE), FLAG_USED) \
    X(MEMORY, "memory", 0, TAKES_VALUE, V(AUTOSCALE), FLAG_USED) \
    X(REQUESTS, "requests", 0, TAKES_VALUE, V(SET_RESOURCES), FLAG_USED) \
    X(LIMITS, "limits", 0, TAKES_VALUE, V(SET_RESOURCES), FLAG_USED) \
    X(TO_REVISION, "to-revision", 0, TAKES_VALUE, V(ROLLOUT_UNDO), FLAG_USED) \
    X(REVISION, "revision", 0, TAKES_VALUE, V(ROLLOUT_STATUS) | V(ROLLOUT_HISTORY), FLAG_USED) \
    X(ROLLOUT_WATCH, "watch", 'w', TAKES_MAYBE, V(ROLLOUT_STATUS), FLAG_USED) \
    X(FOR, "for", 0, TAKES_VALUE, V(WAIT) | V(EVENTS), FLAG_USED) \
    X(TYPES, "types", 0, TAKES_VALUE, V(EVENTS), FLAG_USED) \
    X(IGNORE_DAEMONSETS, "ignore-daemonsets", 0, TAKES_MAYBE, V(DRAIN), FLAG_USED) \
    X(DELETE_EMPTYDIR, "delete-emptydir-data", 0, TAKES_MAYBE, V(DRAIN), FLAG_USED) \
    X(DISABLE_EVICTION, "disable-eviction", 0, TAKES_MAYBE, V(DRAIN), FLAG_USED) \
    X(POD_SELECTOR, "pod-selector", 0, TAKES_VALUE, V(DRAIN), FLAG_USED) \
    X(SKIP_WAIT, "skip-wait-for-delete-timeout", 0, TAKES_VALUE, V(DRAIN), FLAG_USED) \
    X(VALIDATE, "validate", 0, TAKES_MAYBE, V(APPLY) | V(CREATE) | V(REPLACE) | V(CREATE_CONFIGMAP) | V(CREATE_CRONJOB) | V(CREATE_DEPLOYMENT) | V(CREATE_JOB) | V(CREATE_NAMESPACE) | V(CREATE_PDB) | V(CREATE_PRIORITYCLASS) | V(CREATE_QUOTA) | V(CREATE_SECRET) | V(CREATE_SERVICE) | V(CREATE_SERVICEACCOUNT) | V(EDIT), FLAG_IGNORED) \
    X(SERVER_SIDE, "server-side", 0, TAKES_MAYBE, V(APPLY), "server-side apply is not modelled: fields have no managers") \
    X(FORCE_CONFLICTS, "force-conflicts", 0, TAKES_MAYBE, V(APPLY), "server-side apply is not modelled: fields have no managers") \
    X(PRUNE, "prune", 0, TAKES_MAYBE, V(APPLY), "nothing is pruned; delete what is not wanted any more") \
    X(PRUNE_ALLOW, "prune-allowlist", 0, TAKES_VALUE, V(APPLY), "nothing is pruned; delete what is not wanted any more") \
    X(APPLYSET, "applyset", 0, TAKES_VALUE, V(APPLY), "nothing is pruned; delete what is not wanted any more") \
    X(APPLY_OVERWRITE, "overwrite", 0, TAKES_MAYBE, V(APPLY), FLAG_IGNORED) \
    X(OPENAPI_PATCH, "openapi-patch", 0, TAKES_MAYBE, V(APPLY), FLAG_IGNORED) \
    X(CREATE_EDIT, "edit", 0, TAKES_MAYBE, V(CREATE), "nobody types into an editor here") \
    X(SAVE_CONFIG, "save-config", 0, TAKES_MAYBE, V(CREATE) | V(REPLACE) | V(EXPOSE) | V(RUN) | V(AUTOSCALE) | V(CREATE_CONFIGMAP) | V(CREATE_CRONJOB) | V(CREATE_DEPLOYMENT) | V(CREATE_JOB) | V(CREATE_NAMESPACE) | V(CREATE_PDB) | V(CREATE_PRIORITYCLASS) | V(CREATE_QUOTA) | V(CREATE_SECRET) | V(CREATE_SERVICE) | V(CREATE_SERVICEACCOUNT), FLAG_IGNORED) \
    X(SHOW_EVENTS, "show-events", 0, TAKES_MAYBE, V(DESCRIBE), FLAG_USED) \
    X(TOP_CONTAINERS, "containers", 0, TAKES_MAYBE, V(TOP), FLAG_IGNORED)
/* clang-format on */

enum flag_id {
#define X(id, name, letter, takes, verbs, missing) FLAG_##id,
    FLAGS(X)
#undef X
        FLAG_COUNT
};

struct flag_info {
    const char *name;
    char letter;
    enum takes takes;
    uint64_t verbs;
    const char *missing; /* FLAG_USED, FLAG_IGNORED, or why podsim has it not */
};
extern const struct flag_info kubectl_flags[FLAG_COUNT];

/* ---- the parser ---- */

struct flag_value {
    const struct word *word; /* where it was given */
    const char *text;        /* "true" for flags without a value */
    int flag;
};

struct parser {
    struct arena *arena;
    struct diag_set *diags;
    struct src_pos pos;         /* of the line */
    const struct value *source; /* the scalar the line stands in, or NULL */
    size_t skipped;             /* bytes of the scalar before the line */
    scenario_read_file *read_file;
    void *ctx;
    struct kubectl_command *cmd;
    word_list words;     /* of the line */
    uint32_t verb_at, verb_words; /* where the verb stands; 1 or 2 words */
    word_list operands;  /* words that are neither flags nor their values */
    uint32_t dash_dash;  /* operands from here on came after `--`; operands.count = none did */
    struct flag_value given[FLAG_COUNT];
    struct pool repeated; /* struct flag_value: of flags that may be given several times */
    struct pool objects;  /* const struct api_object * */
    int result;
};

/* Where a word of the line stands in the document. */
struct src_pos parser_at(const struct parser *p, const struct word *w);

#define MISTAKE(p, at, ...) ((p)->result = diag_report((p)->diags, CODE_COMMAND, (at), NULL, __VA_ARGS__))
#define MISTAKE_SUGGEST(p, at, help, ...) \
    ((p)->result = diag_report((p)->diags, CODE_COMMAND, (at), (help), __VA_ARGS__))

/* What is missing is told only of a line without other mistakes, at the verb. */
#define MISSING(p, ...)                                                                                                \
    do {                                                                                                               \
        if ((p)->result == 0)                                                                                          \
            MISTAKE(p, parser_at(p, &(p)->words.items[(p)->verb_at]), __VA_ARGS__);                                    \
    } while (0)

/* "did you mean "..."?", or NULL. */
const char *parser_suggest(struct parser *p, const char *word, const char *const *names, size_t count);
bool parser_is_one_of(const char *word, const char *const *names, size_t count);

const char *parser_flag_text(const struct parser *p, enum flag_id f); /* NULL = not given */
bool parser_flag_on(struct parser *p, enum flag_id f);
int64_t parser_flag_integer(struct parser *p, enum flag_id f, int64_t otherwise);
bool parser_integer(const char *text, int64_t *ret);

/* ---- kubectl_target.c ---- */

bool parser_selector(struct parser *p, const struct flag_value *given, selector *ret);
void parser_field_selector(struct parser *p, const struct flag_value *given);
/* KIND_NONE after a mistake. */
enum api_kind parser_kind(struct parser *p, const struct word *w, const char *text);
void parser_add_target(struct parser *p, enum api_kind kind, const char *name);
/* TYPE/NAME... or TYPE NAME... or TYPE; from operand `at` to where changes (key=value) begin. Returns
 * the first operand that was not taken. `otherwise`: the kind of bare names, for verbs that have one. */
uint32_t parser_targets(struct parser *p, uint32_t at, enum api_kind otherwise, bool names_wanted);
bool parser_is_change(const char *text);
/* Operands from `at` on are too many. */
void parser_no_more(struct parser *p, uint32_t at);
/* -f: reads it into `objects`. */
void parser_file(struct parser *p, const struct flag_value *given);
/* Objects that a command makes up are written as a document (JSON) and read like any other: same
 * defaults, same validation. */
void parser_read_made_up(struct parser *p, const struct strbuf *text, struct src_pos at);
/* ---- the verbs ---- */

void parser_verb(struct parser *p); /* what is special about the command's verb */
/* kubectl_output.c: -o, --sort-by, -L, --show-labels */
void parser_output(struct parser *p);
void parser_check_json_path(struct parser *p, const struct flag_value *given, const char *path);
/* kubectl_make.c, kubectl_create.c */
void parser_create(struct parser *p);
void parser_create_kind(struct parser *p);
void parser_autoscale(struct parser *p);
void parser_run(struct parser *p);
void parser_expose(struct parser *p);
/* Members of a document that is made up. */
void make_head(struct strbuf *b, const char *api_version, const char *kind, const char *name);
void make_string(struct strbuf *b, const char *name, const char *text); /* ,"name":"text"; nothing for NULL */
void make_labels(struct parser *p, struct strbuf *b, const struct flag_value *given); /* "a=b,c=d" */
/* Values of a flag that may be given several times, key=value: as members, or as a list of name and value. */
void make_literals(struct parser *p, struct strbuf *b, enum flag_id f, bool as_list);
/* kubectl_debug.c */
void parser_debug(struct parser *p);
/* kubectl_verb_set.c: set, scale, rollout */
void parser_set_image(struct parser *p);
void parser_set_env(struct parser *p);
void parser_set_resources(struct parser *p);
void parser_set_selector(struct parser *p);
void parser_set_service_account(struct parser *p);
void parser_scale(struct parser *p);
void parser_rollout(struct parser *p);
/* kubectl_verb_wait.c */
void parser_wait(struct parser *p);
void parser_drain(struct parser *p);
/* kubectl_verb.c */
void parser_changes(struct parser *p, uint32_t at, const char *what);
void parser_grace(struct parser *p);

#endif
