/* parameters.h - spec.parameters and spec.exclude of a Scenario: the cases of a file, and their values in its
 * documents.
 *
 *     spec:
 *       parameters:
 *         grace: [5, 30]
 *         image: ["nginx:1.27", "httpd:2.4"]
 *         seed: {from: 1, to: 20}
 *       exclude:
 *       - {grace: 5, image: "httpd:2.4"}
 *
 * Each combination that is not excluded is a case. A scalar that is only `${{grace}}` becomes the value, with its type;
 * inside of text the value's text is put in; `$${{` stands for `${{`. What is reported about such a place shows the
 * place, and the value in a note. Documents without parameters are left alone, whatever they hold.
 */
#ifndef MODEL_PARAMETERS_H
#define MODEL_PARAMETERS_H

#include "model/apitype.h"

enum { CASES_MAX = 10000 };

/* name=value, as of --set. A value that is written as one of those declared is that one; any other replaces them. */
struct parameter_setting {
    const char *name, *value;
};
typedef LIST_OF(struct parameter_setting) parameter_settings;

/* Scalars, no two with the same text. */
struct parameter_values {
    const struct value **items;
    uint32_t count;
};

struct parameter {
    const char *name;
    struct src_pos at;
    struct parameter_values declared;
    struct parameter_values values; /* those declared, or the one that is set */
    const struct value *value;      /* in the case that was chosen */
    bool used;                      /* in some document */
    bool wrong;                     /* it has no value, which has been reported */
};

struct parameters {
    struct arena *arena;
    struct diag_set *diags;
    struct src_pos at;
    LIST_OF(struct parameter) list;
    const struct value *exclude; /* checked; NULL = nothing */
};

/* `spec`: of the Scenario, as written; NULL = there is none. loose: settings of what is no parameter are passed over.
 * Returns 0, or -1 with diagnostics; `p` can be used either way. */
int parameters_read(struct parameters *p, struct arena *a, struct diag_set *d, const struct value *spec,
                    const parameter_settings *settings, bool loose);

/* Combinations, excluded or not: at most CASES_MAX. 1 without parameters. */
uint32_t parameters_combinations(const struct parameters *p);
/* Chooses one; the last parameter varies fastest. False: it is excluded. */
bool parameters_choose(struct parameters *p, uint32_t combination);

/* Of what is chosen: "grace=5,image=nginx:1.27", and the same as part of a file's name. "" without parameters. */
const char *parameters_label(const struct parameters *p, bool for_file);
/* NULL after an error at `at`, with what was probably meant. */
struct parameter *parameters_find(const struct parameters *p, const char *name, struct src_pos at);
/* The text of a value, as of --set. */
const char *parameter_text(const struct value *v);

/* The document with the chosen values in it; `v` itself where there is nothing to put in. Errors are counted in the
 * diagnostics. */
const struct value *parameters_fill(struct parameters *p, const struct value *v);
void parameters_warn_unused(const struct parameters *p);

#endif
