/* container_validate.c - the rules for when a container is restarted: by its policy, by exit codes, by a resize.
 * k8s pkg/apis/core/validation/validation.go, v1.36; the rest of a pod is in pod_validate.c.
 */
#include "model/api_types.h"
#include "model/apitype_private.h"

#include <string.h>

static bool is_one_of(const char *s, const char *const *values)
{
    while (*values && !text_is(s, *values))
        values++;
    return *values != NULL;
}

/* ---- restart policies of containers ---- */

/* What a 1.36 API server says: an empty list of exit codes is accepted, and so is any number in it. */
static void validate_restart_rule(struct check *c, const struct container_restart_rule *r)
{
    static const char *const actions[] = {"Restart", "RestartAllContainers", NULL};
    static const char *const operators[] = {"In", "NotIn", NULL};
    enum { EXIT_CODES_MAX = 255 };
    const char *action = r->action ? r->action : "";
    if (!is_one_of(action, actions))
        check_unsupported(AT(c, "action"), action, actions);
    struct check codes = check_at(c, "exitCodes");
    if (!r->exit_codes) {
        check_required(&codes, "must be specified");
        return;
    }
    const char *operator_ = r->exit_codes->operator_ ? r->exit_codes->operator_ : "";
    if (!is_one_of(operator_, operators))
        check_unsupported(AT(&codes, "operator"), operator_, operators);
    if (r->exit_codes->values.count > EXIT_CODES_MAX)
        check_too_many(AT(&codes, "values"), r->exit_codes->values.count, EXIT_CODES_MAX);
}

/* k8s validateContainerRestartPolicy; ContainerRestartRules is on since 1.35. */
void container_validate_restart(struct check *c, const struct container *k)
{
    static const char *const policies[] = {"Always", "Never", "OnFailure", NULL};
    enum { RULES_MAX = 20 };
    struct check rules = check_at(c, "restartPolicyRules");
    if (k->restart_policy && !is_one_of(k->restart_policy, policies))
        check_unsupported(AT(c, "restartPolicy"), k->restart_policy, policies);
    if (k->restart_policy_rules.count && !k->restart_policy)
        check_required(AT(c, "restartPolicy"), "must specify restartPolicy when restart rules are used");
    if (k->restart_policy_rules.count > RULES_MAX)
        check_too_many(&rules, k->restart_policy_rules.count, RULES_MAX);
    for (uint32_t i = 0; i < k->restart_policy_rules.count; i++)
        validate_restart_rule(AT_ITEM(&rules, i), &k->restart_policy_rules.items[i]);
}

/* ---- in-place resize ---- */

static const char *text_of(const struct value *policy, const char *field)
{
    const struct value *v = value_get(policy, field);
    return v && v->text ? v->text : "";
}

/* A word that must be there and be one of these; the path is the list's, as the API server has it. */
static void check_word(const struct check *c, const char *word, const char *const *words)
{
    if (!*word)
        check_required(c, NULL);
    else if (!is_one_of(word, words))
        check_unsupported(c, word, words);
}

/* k8s validateResizePolicy. */
void container_validate_resize(const struct check *c, const struct container *k, const struct pod_spec *s)
{
    static const char *const resources[] = {"cpu", "memory", NULL};
    static const char *const policies[] = {"NotRequired", "RestartContainer", NULL};
    const struct value *list = k->resize_policy;
    for (uint32_t i = 0; list && i < list->count; i++) {
        const char *resource = text_of(list->items[i], "resourceName"),
                   *policy = text_of(list->items[i], "restartPolicy");
        for (uint32_t other = 0; other < i; other++) {
            if (strcmp(text_of(list->items[other], "resourceName"), resource) != 0)
                continue;
            check_duplicate(AT_ITEM(c, i), resource);
            break;
        }
        check_word(c, resource, resources);
        check_word(c, policy, policies);
        if (text_is(s->restart_policy, "Never") && !text_is(policy, "NotRequired"))
            check_invalid(c, policy, "must be 'NotRequired' when pod `restartPolicy` is 'Never'");
    }
}
