/* scenario.h - what is to be simulated: documents, actions in time, and the cluster they meet.
 *
 * Plain manifests need no scenario: every document given is created at time 0 on one default node.
 * A leading document `apiVersion: podsim.dev/v1, kind: Scenario` sets the rest; docs in its table.
 * Everything that the run will read (files named by actions, too) is read and checked here, before
 * the first simulated nanosecond, so that all mistakes come up at once.
 */
#ifndef MODEL_SCENARIO_H
#define MODEL_SCENARIO_H

#include "model/api_core.h"
#include "model/behaviour.h"
#include "model/expectation.h"
#include "model/feature_gates.h"
#include "model/image.h"
#include "model/kubelet_config.h"
#include "model/manager_config.h"
#include "model/parameters.h"
#include "model/profile.h"
#include "model/traffic.h"

struct fault;           /* fault.h */
struct kubectl_command; /* kubectl.h */

struct scenario_action {
    sim_time at;
    const char *line; /* as written, without the leading "kubectl" if there was one */
    struct src_pos pos;
    const struct kubectl_command *command; /* parsed; files it names are loaded; NULL = it is a fault */
    const struct fault *fault;
    uint32_t script; /* of which list it is a line: lines of one list are a script, one waits for the other */
};

struct static_manifest; /* static_manifest.h */
struct scenario_static_pod {
    const char *node;
    const struct static_manifest *manifest;
};

/* How the timelines beside the file are compared with what comes out. */
struct scenario_golden {
    sim_time tolerance; /* SIM_NEVER = not given */
    str_list ignore;
};

struct scenario {
    const char *name;        /* metadata.name, or the first file's name */
    const char *description; /* metadata.annotations or spec.description; NULL */
    const char *case_label;  /* parameters_label(): "grace=5,image=nginx:1.27", or "" */
    str_list tags;
    bool has_until;
    sim_time until;      /* spec.stop.after or spec.duration; default: quiet, at most 10 minutes */
    sim_time stop_quiet; /* spec.stop.quiet: ends when nothing has happened for so long; SIM_NEVER = not given */
    const struct expectation *stop_when; /* spec.stop.when: report/expect.h; NULL = not given */
    struct scenario_golden golden;
    uint64_t seed;
    int64_t epoch; /* seconds since 1970 of simulated time 0 */
    enum profile_kind profile;
    struct probe_policy probes;         /* spec.timing.probe... */
    sim_time kubelet_uptime;            /* spec.timing.kubeletUptime; SIM_NEVER = a long time */
    sim_time latencies[HOP_COUNT];      /* spec.timing.latencies; SIM_NEVER = the profile's */
    const char *kubernetes_version;     /* "1.36", "1.35.2" */
    struct features features;           /* of that version, with the gates of spec.featureGates */
    struct kubelet_config kubelet;      /* of every node */
    struct manager_config manager;      /* kube-controller-manager's */
    LIST_OF(const struct node *) nodes; /* at least one */
    struct pool joining; /* const struct node *: those that `node add` adds */
    struct image_catalogue images;
    behaviour_list behaviours;
    traffic_list traffic;
    LIST_OF(const struct api_object *) objects;      /* created at time 0, in document order */
    LIST_OF(struct scenario_static_pod) static_pods; /* there from the start */
    LIST_OF(struct scenario_action) actions;         /* in order of time, then of writing */
    expectation_list expectations;                   /* spec.expect: report/expect.h */
    str_list unmodelled; /* fields accepted but not modelled, each once: "spec.affinity (pod web)" */
};

struct scenario_input {
    const char *name; /* as given on the command line */
    const char *text;
    size_t len;
};

/* The library itself opens nothing. Paths are those of the scenario with the directory of its file in front.
 * Returns 0 and the text, in memory of `a` or that lives as long, or -1 and an error text. */
typedef int scenario_read_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                               const char **ret_error);
/* The files that a name of spec.include stands for: a file, a directory, a pattern. Returns 0 and their paths in any
 * order (none: nothing is there), or -1 and an error text. */
typedef int scenario_find_files(void *ctx, struct arena *a, const char *pattern, str_list *ret_paths,
                                const char **ret_error);

struct scenario_source {
    const struct scenario_input *inputs; /* in order */
    uint32_t count;
    scenario_read_file *read_file;   /* NULL: nothing else can be read */
    scenario_find_files *find_files; /* NULL: a name of spec.include is that of one file */
    void *ctx;
    parameter_settings settings; /* --set, or what scenario_outline() says of a case */
    bool loose_settings;         /* those of what is no parameter here are passed over */
    const char *command;         /* for messages that say what to type; NULL: "podsim run" */
};

/* What there is in the files, without loading it: for lists and selections. */
struct scenario_case {
    const char *label;      /* "grace=5,image=nginx:1.27"; "" = there are no parameters */
    const char *file_label; /* the same as part of a file's name: "grace=5,image=nginx-1.27" */
    parameter_settings settings;
};
struct scenario_outline {
    bool is_scenario;        /* there is a Scenario document */
    struct src_pos at;       /* of it */
    const char *name;        /* metadata.name, or the first file's */
    const char *description; /* or NULL */
    str_list tags;
    LIST_OF(struct scenario_case) cases; /* in order; at least one */
};

/* Returns 0, or -1 with diagnostics: syntax errors, mistakes in spec.parameters. */
int scenario_outline(struct arena *a, struct diag_set *d, const struct scenario_source *source,
                     struct scenario_outline *ret_outline);
/* Loads the one case that the settings leave. Returns 0, or -1 with diagnostics. */
int scenario_load_source(struct arena *a, struct diag_set *d, const struct scenario_source *source,
                         struct scenario *ret_scenario);
/* The same without settings and includes. */
int scenario_load(struct arena *a, struct diag_set *d, const struct scenario_input *inputs, uint32_t count,
                  scenario_read_file *read_file, void *ctx, struct scenario *ret_scenario);

extern const struct api_type scenario_type; /* for the JSON Schema and the docs */

#endif
