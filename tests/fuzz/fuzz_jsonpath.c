/* fuzz_jsonpath.c - templates against an object: whatever is in them, they are read and evaluated, or an error says
 * why. Strict and relaxed; the position of an error is inside the template. */
#include <stdlib.h>
#include <string.h>

#include "model/jsonpath.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char document[] =
    "{\"metadata\": {\"name\": \"web\", \"labels\": {\"app.kubernetes.io/name\": \"web\", \"app\": \"web\"}}, "
    "\"spec\": "
    "{\"containers\": [{\"name\": \"app\", \"image\": \"nginx\", \"ports\": [{\"containerPort\": 80}]}, {\"name\": "
    "\"log\", \"image\": \"busybox\", \"tty\": true}], \"weight\": 1.5, \"nothing\": null, \"empty\": []}, \"items\": "
    "[[1, 2, 3], [4, 5], []]}";

static void evaluate(struct arena *a, const struct jsonpath *p, const struct value *v)
{
    struct strbuf b = STRBUF_INIT;
    const char *error = NULL;
    struct jsonpath_values found;
    int printed = jsonpath_print(p, a, v, &b, &error);
    ASSERT(printed == 0 || error);
    ASSERT(jsonpath_find(p, a, v, &found, &error) == printed);
    ASSERT(jsonpath_print_json(p, a, v, &b, &error) == printed);
    strbuf_fini(&b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct arena a;
    struct diag_set d;
    struct document_list docs;
    struct jsonpath_error wrong = {0};
    const struct jsonpath *p;
    if (size > 2000)
        return 0;
    char *text = calloc(1, size + 1);
    if (!text)
        return 0;
    memcpy(text, data, size);
    arena_init(&a, 0);
    diag_init(&d);
    value_parse(&a, &d, "object", document, sizeof document - 1, &docs);
    if (jsonpath_parse(&a, text, &p, &wrong) == 0)
        evaluate(&a, p, docs.items[0].root);
    else
        ASSERT(wrong.text && wrong.at <= strlen(text));
    wrong = (struct jsonpath_error){0};
    if (jsonpath_parse_relaxed(&a, text, &p, &wrong) == 0)
        evaluate(&a, p, docs.items[0].root);
    else
        ASSERT(wrong.text && wrong.at <= strlen(text));
    diag_fini(&d);
    arena_fini(&a);
    free(text);
    return 0;
}
