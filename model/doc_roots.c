/* doc_roots.c - the kinds of documents, by name. */
#include "model/doc_roots.h"

#include <string.h>

#include "model/behaviour.h"
#include "model/image_doc.h"
#include "model/scenario.h"

static const struct doc_root own[] = {
    {"scenario", "Scenario", "podsim.dev/v1", &scenario_type, "cluster, actions in time, expectations"},
    {"imagecatalogue", "ImageCatalogue", "podsim.dev/v1", &image_catalogue_type, "images and what runs in them"},
    {"behaviour", "Behaviour", NULL, &behaviour_type, "what a container does: spec.behaviours, annotations, images"},
    {"kubeletconfiguration", "KubeletConfiguration", KUBELET_CONFIG_VERSION, &kubelet_config_type,
     "configuration of the kubelets"},
};

uint32_t doc_roots(struct doc_root ret_roots[DOC_ROOTS_MAX])
{
    uint32_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(own); i++)
        ret_roots[count++] = own[i];
    for (int k = KIND_NONE + 1; k < KIND_COUNT; k++) {
        const struct kind_info *info = &kind_infos[k];
        ASSERT(count < DOC_ROOTS_MAX);
        if (k != KIND_EVENT) /* written by components, not by users */
            ret_roots[count++] =
                (struct doc_root){info->singular, info->kind, info->api_version, info->type, info->type->doc};
    }
    return count;
}

static bool same_name(const char *a, const char *b)
{
    for (; *a && *b; a++, b++) {
        char x = *a >= 'A' && *a <= 'Z' ? (char)(*a + 32) : *a, y = *b >= 'A' && *b <= 'Z' ? (char)(*b + 32) : *b;
        if (x != y)
            return false;
    }
    return *a == *b;
}

static bool names_root(const struct doc_root *r, const char *word)
{
    size_t n = strlen(r->name);
    bool plural = strlen(word) == n + 1 && (word[n] == 's' || word[n] == 'S');
    char singular[64];
    if (!plural || n >= sizeof singular)
        return same_name(r->name, word);
    memcpy(singular, word, n);
    singular[n] = '\0';
    return same_name(r->name, singular);
}

bool doc_root_find(const char *word, struct doc_root *ret_root)
{
    struct doc_root all[DOC_ROOTS_MAX];
    uint32_t count = doc_roots(all);
    enum api_kind kind = kind_of_resource(word);
    for (uint32_t i = 0; i < count; i++) {
        if (!names_root(&all[i], word) && (kind == KIND_NONE || kind_infos[kind].type != all[i].type))
            continue;
        *ret_root = all[i];
        return true;
    }
    return false;
}

const char *doc_root_closest(const char *word)
{
    struct doc_root all[DOC_ROOTS_MAX];
    const char *names[DOC_ROOTS_MAX];
    uint32_t count = doc_roots(all);
    for (uint32_t i = 0; i < count; i++)
        names[i] = all[i].name;
    return diag_closest(word, names, count);
}
