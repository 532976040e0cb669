/* kubectl_output.c - how a line wants its objects printed: -o, --sort-by, -L, --show-labels. cli-runtime
 * pkg/genericclioptions/print_flags.go, kubectl pkg/cmd/get/get_flags.go (v1.34).
 */
#include <string.h>

#include "model/jsonpath.h"
#include "model/kubectl_parse.h"
#include "model/printer.h"

enum { LABEL_COLUMNS = 20 }; /* beside a kind's own */

static const struct {
    const char *name;
    enum kubectl_output output;
    bool get_only, takes_text;
} outputs[] = {
    {"custom-columns", OUT_COLUMNS, true, true},
    {"json", OUT_JSON, false, false},
    {"jsonpath", OUT_JSONPATH, false, true},
    {"name", OUT_NAME, false, false},
    {"wide", OUT_WIDE, true, false},
    {"yaml", OUT_YAML, false, false},
};

/* Formats of kubectl that need a file or Go's templates. */
static const char *const others[] = {"custom-columns-file", "go-template", "go-template-file", "jsonpath-as-json",
                                     "jsonpath-file",       "kyaml",       "template",         "templatefile"};

/* ---- JSONPath ---- */

static bool json_path_fits(struct parser *p, const struct flag_value *f, const char *text, bool relaxed)
{
    const struct jsonpath *path;
    struct jsonpath_error wrong;
    int bad =
        relaxed ? jsonpath_parse_relaxed(p->arena, text, &path, &wrong) : jsonpath_parse(p->arena, text, &path, &wrong);
    if (bad < 0)
        MISTAKE(p, parser_at(p, f->word), "error parsing jsonpath %s, %s", text, wrong.text);
    return bad == 0;
}

void parser_check_json_path(struct parser *p, const struct flag_value *given, const char *path)
{
    json_path_fits(p, given, path, true);
}

/* "NAME:.metadata.name,NODE:.spec.nodeName" */
static void check_columns(struct parser *p, const struct flag_value *f, const char *spec)
{
    for (uint32_t count = 1; *spec; count++) {
        size_t n = strcspn(spec, ","), head = strcspn(spec, ":");
        const char *one = arena_strndup(p->arena, spec, n);
        if (head >= n) {
            MISTAKE(p, parser_at(p, f->word), "unexpected custom-columns spec: %s, expected <header>:<json-path-expr>",
                    one);
            return;
        }
        if (count > TABLE_COLUMNS) {
            MISTAKE(p, parser_at(p, f->word), "more than %d columns", TABLE_COLUMNS);
            return;
        }
        if (!json_path_fits(p, f, one + head + 1, true))
            return;
        spec += n + (spec[n] == ',');
    }
}

/* ---- -o ---- */

static void output_format(struct parser *p, const struct flag_value *f)
{
    struct kubectl_command *c = p->cmd;
    size_t n = strcspn(f->text, "=");
    const char *word = arena_strndup(p->arena, f->text, n), *names[ARRAY_LEN(outputs)];
    bool get = c->verb == VERB_GET;
    size_t count = 0;
    for (size_t i = 0; i < ARRAY_LEN(outputs); i++) {
        if (outputs[i].get_only && !get)
            continue;
        names[count++] = outputs[i].name;
        if (strcmp(word, outputs[i].name) != 0)
            continue;
        c->output = outputs[i].output;
        c->output_text = f->text[n] ? f->text + n + 1 : NULL;
        if (outputs[i].takes_text && (!c->output_text || !*c->output_text))
            MISTAKE(p, parser_at(p, f->word), "%s",
                    outputs[i].output == OUT_COLUMNS ? "custom-columns format specified but no custom columns given"
                                                     : "template format specified but no template given");
        else if (c->output == OUT_JSONPATH)
            json_path_fits(p, f, c->output_text, false);
        else if (c->output == OUT_COLUMNS)
            check_columns(p, f, c->output_text);
        return;
    }
    if (parser_is_one_of(word, others, ARRAY_LEN(others)))
        MISTAKE(p, parser_at(p, f->word), "-o %s is not modelled: use jsonpath=... or custom-columns=...", word);
    else
        MISTAKE_SUGGEST(p, parser_at(p, f->word), parser_suggest(p, word, names, count),
                        "unable to match a printer suitable for the output format \"%s\", allowed formats are: %s",
                        f->text, get ? "custom-columns,json,jsonpath,name,wide,yaml" : "json,jsonpath,name,yaml");
}

/* -L a,b -L c */
static void label_columns(struct parser *p)
{
    uint32_t room = 0;
    for (uint32_t i = 0; i < p->repeated.count; i++)
        room += (uint32_t)strlen(((const struct flag_value *)pool_at(&p->repeated, i))->text) + 1;
    p->cmd->label_columns.items = arena_array(p->arena, const char *, room + 1);
    for (uint32_t i = 0; i < p->repeated.count; i++) {
        const struct flag_value *f = pool_at(&p->repeated, i);
        for (const char *t = f->text; f->flag == FLAG_LABEL_COLUMNS && *t;) {
            size_t n = strcspn(t, ",");
            p->cmd->label_columns.items[p->cmd->label_columns.count++] = arena_strndup(p->arena, t, n);
            t += n + (t[n] == ',');
        }
    }
}

void parser_output(struct parser *p)
{
    struct kubectl_command *c = p->cmd;
    if (p->given[FLAG_OUTPUT].text)
        output_format(p, &p->given[FLAG_OUTPUT]);
    c->no_headers = parser_flag_on(p, FLAG_NO_HEADERS);
    c->show_labels = parser_flag_on(p, FLAG_SHOW_LABELS);
    c->show_kind = parser_flag_on(p, FLAG_SHOW_KIND);
    c->sort_by = parser_flag_text(p, FLAG_SORT_BY);
    label_columns(p);
    if (c->label_columns.count > LABEL_COLUMNS)
        MISTAKE(p, parser_at(p, p->given[FLAG_LABEL_COLUMNS].word), "more than %d label columns", LABEL_COLUMNS);
}
