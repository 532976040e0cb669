/* job_policy.c - what a failed pod means: podFailurePolicy, and counts per index. See job.h.
 * k8s pkg/controller/job/pod_failure_policy.go, indexed_job_utils.go, v1.36.
 */
#include "model/job.h"

#include <string.h>

#include "sim/cover.h"

/* ---- which rule is about it ---- */

static bool codes_match(const struct exit_code_requirement *r, int64_t code)
{
    bool found = false;
    for (uint32_t i = 0; i < r->values.count; i++)
        found = found || r->values.items[i] == code;
    return text_is(r->operator_, "In") ? found : !found;
}

static const struct container_status *first_match(const struct container_status *items, uint32_t count,
                                                  const struct exit_code_requirement *r)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct container_state_terminated *t = items[i].state.terminated;
        if (t && t->exit_code != 0 && (!r->container_name || text_same(r->container_name, items[i].name)) &&
            codes_match(r, t->exit_code))
            return &items[i];
    }
    return NULL;
}

/* k8s matchOnExitCodes: app containers before init containers. */
static const struct container_status *match_exit_codes(const struct pod *p, const struct exit_code_requirement *r)
{
    const struct container_status *s =
        first_match(p->status.container_statuses.items, p->status.container_statuses.count, r);
    return s ? s : first_match(p->status.init_container_statuses.items, p->status.init_container_statuses.count, r);
}

static const struct pod_condition *match_conditions(const struct pod *p, const struct pod_failure_rule *r)
{
    for (uint32_t i = 0; i < p->status.conditions.count; i++) {
        const struct pod_condition *c = &p->status.conditions.items[i];
        for (uint32_t k = 0; k < r->on_pod_conditions.count; k++)
            if (text_same(c->type, r->on_pod_conditions.items[k].type) &&
                text_same(c->status, r->on_pod_conditions.items[k].status))
                return c;
    }
    return NULL;
}

/* ---- what that means ---- */

COVER_TABLE(job_failure, "what a failed pod means to its Job", "no rule is about it: counted", "Ignore: not counted",
            "FailIndex: its index has failed", "Count: counted", "FailJob: the Job has failed");

static enum failure_action action_of(const struct features *f, const char *name)
{
    static const struct {
        const char *name;
        enum failure_action action;
    } actions[] = {
        {"Ignore", ACTION_IGNORE},
        {"FailIndex", ACTION_FAIL_INDEX},
        {"Count", ACTION_COUNT},
        {"FailJob", ACTION_FAIL_JOB},
    };
    for (size_t i = 0; i < ARRAY_LEN(actions); i++)
        if (text_is(name, actions[i].name))
            return actions[i].action == ACTION_FAIL_INDEX && !feature_on(f, FEATURE_JOB_BACKOFF_LIMIT_PER_INDEX)
                       ? ACTION_NONE
                       : actions[i].action;
    return ACTION_NONE;
}

/* The action of a rule that is about the pod; ACTION_NONE: it is not. */
static enum failure_action try_rule(struct arena *a, const struct features *f, const struct pod_failure_rule *r,
                                    uint32_t index, const struct pod *p, const char **ret_message)
{
    const struct object_meta *m = &p->object.meta;
    const struct container_status *s = r->on_exit_codes ? match_exit_codes(p, r->on_exit_codes) : NULL;
    const struct pod_condition *c = r->on_exit_codes ? NULL : match_conditions(p, r);
    if (!s && !c)
        return ACTION_NONE;
    enum failure_action action = action_of(f, r->action);
    if (action == ACTION_FAIL_JOB && s)
        *ret_message = arena_printf(
            a, "Container %s for pod %s/%s failed with exit code %" PRId64 " matching FailJob rule at index %" PRIu32,
            s->name, m->namespace_, m->name, s->state.terminated->exit_code, index);
    else if (action == ACTION_FAIL_JOB)
        *ret_message = arena_printf(a, "Pod %s/%s has condition %s matching FailJob rule at index %" PRIu32,
                                    m->namespace_, m->name, c->type, index);
    return action;
}

struct failure_match job_match_failure(struct arena *a, const struct features *f, const struct job *j,
                                       const struct pod *p)
{
    struct failure_match match = {ACTION_NONE, true, NULL};
    const struct pod_failure_policy *policy = j->spec.pod_failure_policy;
    for (uint32_t i = 0; policy && i < policy->rules.count && match.action == ACTION_NONE; i++)
        match.action = try_rule(a, f, &policy->rules.items[i], i, p, &match.message);
    if (policy)
        COVER(job_failure, match.action);
    match.counts = match.action != ACTION_IGNORE;
    return match;
}

/* ---- counts of an index ---- */

/* k8s parseInt32: what is no number of 32 bits is 0. */
static int64_t number_in(const struct pod *p, const char *annotation)
{
    enum { DIGITS_MAX = 10 };
    const char *s = str_map_get(&p->object.meta.annotations, annotation);
    size_t n = s ? strspn(s, "0123456789") : 0;
    int64_t value = 0;
    if (n == 0 || n > DIGITS_MAX || s[n])
        return 0;
    for (size_t i = 0; i < n; i++)
        value = 10 * value + (s[i] - '0');
    return value > INT32_MAX ? 0 : value;
}

struct index_failures job_index_failures(const struct pod *p)
{
    return (struct index_failures){number_in(p, JOB_INDEX_FAILURES_ANNOTATION),
                                   number_in(p, JOB_INDEX_IGNORED_ANNOTATION)};
}

struct index_failures job_next_index_failures(struct arena *a, const struct features *f, const struct job *j,
                                              const struct pod *replaced)
{
    if (!replaced)
        return (struct index_failures){0, 0};
    struct index_failures n = job_index_failures(replaced);
    bool counts = job_match_failure(a, f, j, replaced).counts;
    n.counted += counts;
    n.ignored += !counts;
    return n;
}
