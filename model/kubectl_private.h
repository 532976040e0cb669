/* kubectl_private.h - a parsed kubectl line, shared by the files that parse it and carry it out.
 *
 *   kubectl_words.c   the line as words, as a shell splits it
 *   kubectl_parse.c   verbs, flags, resources -> struct kubectl_command; with kubectl_target.c,
 *                     kubectl_verb.c and kubectl_make.c, see kubectl_parse.h
 *   kubectl.c         execution: create, delete, get, expose
 *   kubectl_exec.c    what looks into containers: exec, logs
 *   kubectl_edit.c    changes of existing objects: label, taint, set image
 *   kubectl_patch.c   patch, apply
 *   kubectl_describe.c  describe pod
 */
#ifndef MODEL_KUBECTL_PRIVATE_H
#define MODEL_KUBECTL_PRIVATE_H

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

/*    id        name            first argument words */
#define KUBECTL_VERBS(X)    \
    X(APPLY, "apply")       \
    X(CREATE, "create")     \
    X(DELETE, "delete")     \
    X(EXEC, "exec")         \
    X(LABEL, "label")       \
    X(ANNOTATE, "annotate") \
    X(GET, "get")           \
    X(DESCRIBE, "describe") \
    X(LOGS, "logs")         \
    X(TAINT, "taint")       \
    X(CORDON, "cordon")     \
    X(UNCORDON, "uncordon") \
    X(PATCH, "patch")       \
    X(RUN, "run")           \
    X(EXPOSE, "expose")     \
    X(SET, "set")           \
    X(DEBUG, "debug")

enum kubectl_verb {
#define X(id, name) VERB_##id,
    KUBECTL_VERBS(X)
#undef X
        VERB_COUNT
};

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

enum kubectl_output { OUT_TABLE, OUT_WIDE, OUT_YAML, OUT_JSON, OUT_NAME };
enum subresource { SUB_NONE, SUB_STATUS, SUB_EPHEMERAL, SUB_RESIZE };
enum patch_type { PATCH_STRATEGIC, PATCH_MERGE, PATCH_JSON };

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

    int64_t grace; /* -1 = not given */
    bool force;

    enum kubectl_output output;
    bool no_headers;

    const char *container;
    str_list argv;
    bool previous, all_containers;
    int64_t tail; /* -1 = all */

    LIST_OF(struct change) changes; /* label, annotate, taint, set image */
    bool overwrite;

    enum patch_type patch_type;
    const struct value *patch;
    enum subresource subresource;
    const char *said; /* what debug says instead of "patched" */
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
/* "pod/web created" */
void kubectl_say(struct kubectl_run *r, enum api_kind kind, const char *name, const char *what);
/* "error: ..." or "Error from server ...": a line; the exit code becomes 1. */
void kubectl_fail(struct kubectl_run *r, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The objects the command's targets and selectors name, in order. Missing names are reported. */
typedef LIST_OF(const struct api_object *) object_list;
object_list kubectl_targets(struct kubectl_run *r);

/* kubectl_edit.c */
/* Writes `next` unless nothing changed or it may not change so; true when written. */
bool kubectl_write_if_changed(struct kubectl_run *r, const struct api_object *live, struct api_object *next,
                              bool *ret_unchanged);
void kubectl_label(struct kubectl_run *r);
void kubectl_taint(struct kubectl_run *r);
void kubectl_cordon(struct kubectl_run *r, bool on);
void kubectl_set_image(struct kubectl_run *r);
/* kubectl_patch.c */
void kubectl_patch(struct kubectl_run *r);
void kubectl_apply(struct kubectl_run *r, const struct api_object *given);
/* kubectl_exec.c */
void kubectl_exec(struct kubectl_run *r);
void kubectl_logs(struct kubectl_run *r);
/* kubectl_describe.c */
void kubectl_describe_pod(struct kubectl_run *r, const struct pod *pod);

#endif
