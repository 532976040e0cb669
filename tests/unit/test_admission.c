/* test_admission.c - objects of the kinds that limit others: their own limits, defaults and rules.
 * semantics/api-objects.md 6, 8.4 to 8.6.
 */
#include "model/api_policy.h"
#include "model/api_quota.h"
#include "model/api_types.h"
#include "tests/unit/tap.h"

#include <string.h>

static struct arena arena;
static struct diag_set diags;
static struct pool objects;

/* The messages of what is wrong, one per line; "" = nothing. */
static const char *read(const char *text)
{
    struct document_list docs;
    const char *messages = "";
    diag_fini(&diags);
    diag_init(&diags);
    pool_init(&objects, &arena, sizeof(struct api_object *));
    value_parse(&arena, &diags, "t.yaml", text, strlen(text), &docs);
    for (uint32_t i = 0; i < docs.count; i++)
        api_read_document(&arena, &diags, &docs.items[i], &objects);
    for (uint32_t i = 0; i < diags.diags.count; i++)
        messages = arena_printf(&arena, "%s%s%s", messages, i ? "\n" : "",
                                ((const struct diag *)pool_at(&diags.diags, i))->message);
    return messages;
}

/* Of the keys' values together: k8s core.MaxSecretSize. */
static void a_mebibyte_of_data(void)
{
    enum { MEBIBYTE = 1 << 20 };
    static const struct {
        const char *kind;
        uint32_t bytes;
        const char *want;
    } rows[] = {{"ConfigMap", MEBIBYTE, ""},
                {"ConfigMap", MEBIBYTE + 1, "[]: Too long: may not be more than 1048576 bytes"},
                {"Secret", MEBIBYTE, ""},
                {"Secret", MEBIBYTE + 1, "data: Too long: may not be more than 1048576 bytes"}};
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        struct strbuf b = STRBUF_INIT;
        strbuf_printf(&b, "apiVersion: v1\nkind: %s\nmetadata: {name: c}\n%s:\n  a: ", rows[i].kind,
                      strcmp(rows[i].kind, "Secret") == 0 ? "stringData" : "data");
        strbuf_fill(&b, 'x', rows[i].bytes - 5);
        strbuf_puts(&b, "\n  b: fives\n");
        tap_row("%s of %u bytes", rows[i].kind, rows[i].bytes);
        CHECK_STR(read(strbuf_str(&b)), rows[i].want);
        strbuf_fini(&b);
    }
}

static void limits_come_from_one_another(void)
{
    CHECK_STR(read("apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec:\n  limits:\n"
                   "  - {type: Container, min: {cpu: 1}, max: {cpu: 2, memory: 1Gi}, default: {cpu: 1500m}}\n"
                   "  - {type: Pod, max: {cpu: 4}}\n"),
              "");
    const struct limit_range *l = *(const struct limit_range **)pool_at(&objects, 0);
    const struct limit_range_item *c = &l->spec.limits.items[0];
    CHECK_STR(quantity_map_get(&c->default_, "cpu")->text, "1500m");
    CHECK_STR(quantity_map_get(&c->default_, "memory")->text, "1Gi"); /* max */
    CHECK_STR(quantity_map_get(&c->default_request, "cpu")->text, "1500m");
    CHECK_STR(quantity_map_get(&c->default_request, "memory")->text, "1Gi");
    CHECK_UINT(l->spec.limits.items[1].default_.count, 0); /* of a pod nothing is set */
}

static void what_is_refused(void)
{
    static const struct {
        const char *text, *want;
    } rows[] = {
        {"apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: [{type: Container, min: {cpu: 2}, max: "
         "{cpu: 1}, default: {cpu: 1}, defaultRequest: {cpu: 1}}]}\n",
         "spec.limits[0].min[cpu]: Invalid value: \"2\": min value 2 is greater than max value 1\n"
         "spec.limits[0].defaultRequest[cpu]: Invalid value: \"2\": min value 2 is greater than default request value "
         "1\n"
         "spec.limits[0].default[cpu]: Invalid value: \"2\": min value 2 is greater than default value 1"},
        {"apiVersion: v1\nkind: LimitRange\nmetadata: {name: l}\nspec: {limits: [{type: Pod, default: {cpu: 1}}, "
         "{type: "
         "Pod}]}\n",
         "spec.limits[0].default: Forbidden: may not be specified when `type` is 'Pod'\n"
         "spec.limits[1].type: Duplicate value: \"Pod\""},
        {"apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {cpus: 1, example.com/gpu: 1}}\n",
         "spec.hard[cpus]: Invalid value: \"cpus\": must be a standard resource for quota"},
        {"apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: q}\nspec: {hard: {pods: 1, services: 1}, scopes: "
         "[Terminating]}\n",
         "spec.scopes: Invalid value: [\"Terminating\"]: unsupported scope applied to resource"},
        {"apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: high}\nvalue: 1000000001\n",
         "value: Forbidden: maximum allowed value of a user defined priority is 1000000000"},
        {"apiVersion: scheduling.k8s.io/v1\nkind: PriorityClass\nmetadata: {name: system-mine}\nvalue: 1\n",
         "metadata.name: Forbidden: priority class names with 'system-' prefix are reserved for system use only. "
         "error: "
         "system-mine is not a known system priority class"},
        {"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\nspec: {minAvailable: 1, "
         "maxUnavailable: "
         "1}\n",
         "spec: Invalid value: minAvailable and maxUnavailable cannot be both set"},
        {"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: b}\nspec: {maxUnavailable: 101%}\n",
         "spec.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%"},
    };
    for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
        tap_row("%zu", i);
        CHECK_STR(read(rows[i].text), rows[i].want);
    }
}

int main(void)
{
    static const struct tap_test tests[] = {
        TAP_TEST(a_mebibyte_of_data),
        TAP_TEST(limits_come_from_one_another),
        TAP_TEST(what_is_refused),
    };
    arena_init(&arena, 0);
    diag_init(&diags);
    int result = tap_run(tests, ARRAY_LEN(tests));
    diag_fini(&diags);
    arena_fini(&arena);
    return result;
}
