/* scenario_kubelet.c - the configuration of the cluster's kubelets: spec.kubelet, or a KubeletConfiguration document.
 *
 * A real cluster has one per node; here all nodes share it. Its feature gates are those of the cluster: podsim knows no
 * gate of a kubelet that an API server would have otherwise.
 */
#include <string.h>

#include "model/check.h"
#include "model/scenario_doc.h"

void loader_read_kubelet(struct loader *l, const struct document *doc)
{
    const struct value *kind = value_get(doc->root, "kind");
    if (l->kubelet_root) {
        diag_report(l->diags, CODE_DUPLICATE, doc->at, NULL, "only one KubeletConfiguration may be given");
        diag_note(l->diags, l->kubelet_root->at, "the first one is here");
        loader_fail(l);
        return;
    }
    if (!text_is(value_get(doc->root, "apiVersion")->text, KUBELET_CONFIG_VERSION) || !kind ||
        !text_is(kind->text, "KubeletConfiguration")) {
        diag_report(l->diags, CODE_KIND, doc->at, NULL,
                    "want apiVersion " KUBELET_CONFIG_VERSION " and kind KubeletConfiguration, got %s and %s",
                    value_get(doc->root, "apiVersion")->text, kind && kind->text ? kind->text : "none");
        loader_fail(l);
        return;
    }
    l->kubelet_root = doc->root;
    api_init(&kubelet_config_type, &l->kubelet);
    if (api_read_typed(&kubelet_config_type, l->arena, l->diags, doc->root, &l->kubelet) < 0)
        loader_fail(l);
}

/* Either of the two, and where it is written; root NULL = nowhere. */
struct chosen {
    const struct kubelet_config *config;
    const struct value *root;
    const char *path; /* in messages */
};

static struct chosen choose(struct loader *l)
{
    const struct value_entry *e = value_entry(value_get(l->root, "spec"), "kubelet");
    if (!l->kubelet_root)
        return (struct chosen){&l->doc.spec.kubelet, e ? e->value : NULL, "spec.kubelet"};
    if (e) {
        diag_report(l->diags, CODE_DUPLICATE, e->key_at, NULL,
                    "spec.kubelet: there is a KubeletConfiguration, too: want one of them");
        diag_note(l->diags, l->kubelet_root->at, "the other one is here");
        loader_fail(l);
    }
    return (struct chosen){&l->kubelet, l->kubelet_root, ""};
}

static void apply_gate(struct loader *l, struct check *c, const struct chosen *k, const struct value_entry *e)
{
    enum feature id = feature_find(e->key);
    const struct value *other = value_get(l->doc.spec.feature_gates, e->key);
    const char *wrong = NULL;
    if (e->value->type != VALUE_BOOL)
        return; /* said already */
    if (id == FEATURE_COUNT)
        loader_note_unmodelled(l, arena_printf(l->arena, "featureGates.%s", e->key),
                               *k->path ? k->path : "KubeletConfiguration");
    else if (other && other->type == VALUE_BOOL && other->boolean != e->value->boolean)
        check_report(AT_KEY(c, e->key), NULL, "spec.featureGates says %s", other->boolean ? "true" : "false");
    else if ((wrong = feature_set(&l->scenario->features, id, e->value->boolean)))
        check_report(AT_KEY(c, e->key), NULL, "this feature gate %s", wrong);
}

/* Fields that need a feature: k8s pkg/kubelet/apis/config/validation/validation.go. */
static void check_features(struct loader *l, struct check *c, const struct kubelet_config *k)
{
    if (k->crash_loop_back_off.max_container_restart_period != SIM_NEVER &&
        !feature_on(&l->scenario->features, FEATURE_CRASH_LOOP_BACK_OFF_MAX))
        check_report(AT(AT(c, "crashLoopBackOff"), "maxContainerRestartPeriod"), NULL,
                     "FeatureGate KubeletCrashLoopBackOffMax not enabled, must not be set");
}

void loader_make_kubelet(struct loader *l)
{
    const struct chosen k = choose(l);
    struct check_run run = {.arena = l->arena, .diags = l->diags, .path = k.path};
    struct check root = check_root(&run, k.root);
    const struct value *gates = k.config->feature_gates;
    str_list paths = {0};
    l->scenario->kubelet = *k.config;
    for (uint32_t i = 0; gates && gates->type == VALUE_MAP && i < gates->count; i++)
        apply_gate(l, AT(&root, "featureGates"), &k, &gates->entries[i]);
    check_features(l, &root, k.config);
    if (run.result < 0)
        loader_fail(l);
    api_unmodelled(&kubelet_config_type, l->arena, k.root, &paths);
    for (uint32_t i = 0; i < paths.count; i++)
        loader_note_unmodelled(l, paths.items[i], *k.path ? k.path : "KubeletConfiguration");
}
