/* jsonpath.h - kubectl's JSONPath: templates that pick values out of an object.
 *
 *     const struct jsonpath *p;
 *     struct jsonpath_error wrong;
 *     if (jsonpath_parse(a, "{.items[*].metadata.name}", &p, &wrong) < 0) ... wrong.text at byte wrong.at ...
 *     if (jsonpath_print(p, a, api_to_value(type, a, object, epoch), &out, &error) < 0) ...
 *
 * Text outside of braces stands for itself. Inside: .field (a dot in a name as \.), ['field'], [0], [-1], [0:2], [::2],
 * [*], .*, .. (all that is below), [?(@.x=="y")], [0,2] and ['a','b'], "text", {range .list[*]} ... {end}, $ and @.
 * Mirrors k8s client-go util/jsonpath, parser.go and jsonpath.go, with AllowMissingKeys as kubectl has it: what is
 * not there is printed as nothing. Its error texts are kept.
 *
 * k8s-order: jsonpath-map: .* and .. take the fields of a map in the order of the document (Go's is random).
 * Left out: fractions are compared and printed as they are written.
 */
#ifndef MODEL_JSONPATH_H
#define MODEL_JSONPATH_H

#include "model/value.h"

struct jsonpath;

struct jsonpath_error {
    const char *text;
    size_t at; /* byte of the template */
};

/* Returns 0, or -1 with what is wrong. The text must live as long as the result. */
int jsonpath_parse(struct arena *a, const char *text, const struct jsonpath **ret, struct jsonpath_error *ret_error);
/* As kubectl takes it where only one path is wanted (wait, custom-columns): .a.b, a.b and {a.b} are {.a.b}. */
int jsonpath_parse_relaxed(struct arena *a, const char *text, const struct jsonpath **ret,
                           struct jsonpath_error *ret_error);
/* What kubectl would only find out when it meets an object (an unknown word, {end} without {range}, the operator <>);
 * NULL = nothing. */
const struct jsonpath_error *jsonpath_doubt(const struct jsonpath *p);

/* As kubectl get -o jsonpath=... prints it, without a newline. Returns 0, or -1 with kubectl's error text. */
int jsonpath_print(const struct jsonpath *p, struct arena *a, const struct value *v, struct strbuf *out,
                   const char **ret_error);
/* As -o jsonpath-as-json=... */
int jsonpath_print_json(const struct jsonpath *p, struct arena *a, const struct value *v, struct strbuf *out,
                        const char **ret_error);
/* The values themselves. */
struct jsonpath_values {
    const struct value **items;
    uint32_t count;
};
int jsonpath_find(const struct jsonpath *p, struct arena *a, const struct value *v, struct jsonpath_values *ret,
                  const char **ret_error);

#endif
