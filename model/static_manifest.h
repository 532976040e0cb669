/* static_manifest.h - files in a kubelet's manifest directory: each holds one static pod.
 * k8s pkg/kubelet/config/file.go, common.go.
 */
#ifndef MODEL_STATIC_MANIFEST_H
#define MODEL_STATIC_MANIFEST_H

#include "model/scenario.h"

struct static_manifest {
    const char *name;      /* of the file in the directory, "web.yaml" */
    const struct pod *pod; /* as written: defaulted and validated */
};

/* Where a manifest is read from, and who asks. */
struct manifest_reader {
    struct arena *arena;
    struct diag_set *diags;
    scenario_read_file *read_file;
    void *ctx;
};
/* Returns 0, or -1 with diagnostics; `at` is where the file is named. */
int static_manifest_read(const struct manifest_reader *r, const char *path, struct src_pos at,
                         struct static_manifest *ret_manifest);
/* The pod that the kubelet of `node` makes of it: name, UID, annotations, toleration, node. */
struct pod *static_manifest_pod(struct arena *a, const struct static_manifest *m, const char *node);

#endif
