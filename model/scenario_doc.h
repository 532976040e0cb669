/* scenario_doc.h - the Scenario document as it is written, and the loading of a scenario: shared by the
 * files that do it, and nobody else's.
 *
 *   scenario.c          objects, actions, putting it together
 *   scenario_read.c     files, includes, cases, documents
 *   scenario_doc.c      the document's tables and what they cannot say
 *   scenario_cluster.c  nodes and images
 *   scenario_kubelet.c  the kubelets' configuration
 */
#ifndef MODEL_SCENARIO_DOC_H
#define MODEL_SCENARIO_DOC_H

#include "model/behaviour.h"
#include "model/image_doc.h"
#include "model/scenario.h"

struct scenario_node {
    const char *name;
    struct opt_i64 count, pods;
    struct quantity cpu, memory;
    quantity_map capacity, allocatable;
    str_list images;
    str_map labels;
    LIST_OF(struct taint) taints;
};

struct scenario_action_doc {
    sim_time at;
    const struct value *kubectl, *fault; /* each a string, or a list of them */
};

struct scenario_latencies {
    sim_time hop[HOP_COUNT]; /* SIM_NEVER = as the profile says */
};

struct scenario_timing {
    const char *profile, *probe_trigger_race;
    struct scenario_latencies latencies;
    struct opt_i64 probe_trigger_loss;
    const char *probe_phase;
    sim_time kubelet_uptime; /* SIM_NEVER = not given */
};

struct scenario_static_pod_doc {
    const char *node, *file;
};

struct scenario_stop {
    sim_time after, quiet; /* SIM_NEVER = not given */
    struct expectation *when; /* NULL = not given */
};

struct scenario_spec {
    const char *description;
    str_list include;
    const struct value *parameters, *exclude; /* parameters.h */
    str_list tags;
    struct scenario_stop stop;
    struct scenario_golden golden;
    expectation_list expect;
    const struct value *kubernetes_version; /* 1.36 or "1.36": YAML takes the first for a number */
    const struct value *feature_gates;
    struct kubelet_config kubelet;
    struct manager_options controller_manager;
    sim_time duration;
    struct opt_i64 seed;
    sim_time start_time; /* since 1970 */
    struct scenario_timing timing;
    LIST_OF(struct scenario_node) nodes;
    LIST_OF(struct image_entry) images;
    behaviour_list behaviours;
    traffic_list traffic;
    LIST_OF(struct scenario_static_pod_doc) static_pods;
    LIST_OF(struct scenario_action_doc) actions;
    str_map manifests;
};

struct scenario_metadata {
    const char *name;
    str_map labels, annotations;
};

struct scenario_doc {
    const char *api_version, *kind;
    struct scenario_metadata metadata;
    struct scenario_spec spec;
};

enum { NODES_MAX = 5000 }; /* the largest cluster that Kubernetes is made for */

/* A scalar that stands for its text: 1.36, yes, "delete pod web". */
enum probe_phase scenario_probe_phase(const char *text, sim_time *ret_after);
enum trigger_race scenario_trigger_race(const char *text);
bool scenario_is_text(const struct value *v);
/* "1.36", "v1.36", "1.36.2": what follows the v, or NULL unless it is a version whose semantics are
 * modelled. */
const char *scenario_version(const struct value *v);

/* "1.36.2" -> 36 */
int scenario_minor(const char *version);

/* ---- loading ---- */

struct loader {
    struct arena *arena;
    struct diag_set *diags;
    const struct scenario_source *source;
    struct scenario *scenario;
    const char *directory; /* of the Scenario's file, with a slash at its end; "" = the current one */
    struct pool documents; /* struct loaded_document, of the files given */
    struct pool included;  /* struct included_file */
    struct parameters parameters;
    struct scenario_doc doc;
    const struct value *root;         /* of the Scenario document with its parameters filled in, NULL = none given */
    const struct value *kubelet_root; /* of a KubeletConfiguration document, NULL = none given */
    struct kubelet_config kubelet;
    struct pool objects;    /* const struct api_object *, everything read */
    struct pool nodes;      /* const struct node * */
    struct pool unmodelled; /* struct unmodelled */
    struct pool catalogues; /* struct loaded_catalogue */
    int result;
};

struct loaded_document {
    struct document doc;
    uint32_t input;
};

struct included_file {
    const char *path;
    struct src_pos at; /* of the name in spec.include */
};

struct loaded_catalogue {
    struct image_catalogue_doc doc;
    const struct value *list;
};

static inline void loader_fail(struct loader *l) { l->result = -1; }

/* scenario_read.c: every document, read into l->doc, l->objects and l->catalogues. */
void loader_read(struct loader *l);
/* How actions and faults read files: a name of spec.manifests first; ctx is the loader. */
scenario_read_file loader_read_file;

/* scenario.c: a field that is accepted and changes nothing. `who`: of what, "pod web". */
void loader_note_unmodelled(struct loader *l, const char *path, const char *who);

/* scenario_kubelet.c */
void loader_read_kubelet(struct loader *l, const struct document *doc);
void loader_make_kubelet(struct loader *l);

/* scenario_cluster.c */
void loader_make_nodes(struct loader *l);
/* A node that joins later, as the scenario's nodes are by default. */
const struct node *loader_make_joining_node(struct loader *l, const char *name);
void loader_make_images(struct loader *l);

#endif
