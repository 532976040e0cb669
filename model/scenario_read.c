/* scenario_read.c - the documents of a scenario: its files, the files it includes, the case that is chosen, and what
 * kind of document each is.
 *
 * The Scenario is described by the same kind of table as Kubernetes' own types, so that mistakes in it are found and
 * told in the same way. What it includes comes where it stands, in front of the documents that follow it.
 */
#include "model/scenario_doc.h"

#include <stdlib.h>
#include <string.h>

#include "model/check.h"

static bool starts_with(const char *text, const char *prefix) { return strncmp(text, prefix, strlen(prefix)) == 0; }

static const char *root_text(const struct value *root, const char *key)
{
    const struct value *v = value_get(root, key);
    return v && v->text ? v->text : "";
}

static bool is_podsims(const struct value *root, const char *kind)
{
    return strcmp(root_text(root, "apiVersion"), "podsim.dev/v1") == 0 && strcmp(root_text(root, "kind"), kind) == 0;
}

static bool is_scenario(const struct value *root) { return is_podsims(root, "Scenario"); }

/* ---- the files that are given ---- */

static void parse_inputs(struct loader *l)
{
    for (uint32_t i = 0; i < l->source->count; i++) {
        const struct scenario_input *in = &l->source->inputs[i];
        struct document_list docs = {0};
        if (value_parse(l->arena, l->diags, in->name, in->text, in->len, &docs) < 0)
            loader_fail(l);
        for (uint32_t k = 0; k < docs.count; k++)
            *(struct loaded_document *)pool_at(&l->documents, pool_add(&l->documents)) =
                (struct loaded_document){docs.items[k], i};
    }
}

static const struct loaded_document *document_at(const struct loader *l, uint32_t i)
{
    return pool_at(&l->documents, i);
}

/* The Scenario document, or NULL; a second one is an error. */
static const struct loaded_document *find_scenario(struct loader *l)
{
    const struct loaded_document *first = NULL;
    for (uint32_t i = 0; i < l->documents.count; i++) {
        const struct loaded_document *d = document_at(l, i);
        if (!is_scenario(d->doc.root))
            continue;
        if (first) {
            diag_report(l->diags, CODE_DUPLICATE, d->doc.at, NULL, "only one Scenario document may be given");
            diag_note(l->diags, first->doc.at, "the first one is here");
            loader_fail(l);
        } else {
            first = d;
        }
    }
    return first;
}

static void find_directory(struct loader *l, const struct loaded_document *scenario)
{
    uint32_t input = scenario ? scenario->input : 0;
    const char *name = input < l->source->count ? l->source->inputs[input].name : "";
    const char *slash = strrchr(name, '/');
    l->directory = arena_strndup(l->arena, name, slash ? (size_t)(slash - name) + 1 : 0);
}

static const char *beside_scenario(struct loader *l, const char *path)
{
    return path[0] == '/' ? path : arena_printf(l->arena, "%s%s", l->directory, path);
}

int loader_read_file(void *ctx, struct arena *a, const char *path, const char **ret_text, size_t *ret_len,
                     const char **ret_error)
{
    struct loader *l = ctx;
    const char *text = str_map_get(&l->doc.spec.manifests, path);
    if (text) {
        *ret_text = text;
        *ret_len = strlen(text);
        return 0;
    }
    if (l->source->read_file)
        return l->source->read_file(l->source->ctx, a, beside_scenario(l, path), ret_text, ret_len, ret_error);
    *ret_error = "no files can be read here";
    return -1;
}

/* ---- cases ---- */

static const struct value *spec_of(const struct loaded_document *scenario)
{
    return scenario ? value_get(scenario->doc.root, "spec") : NULL;
}

/* Reads the parameters. -1 when they are wrong. */
static int read_parameters(struct loader *l, const struct loaded_document *scenario)
{
    return parameters_read(&l->parameters, l->arena, l->diags, spec_of(scenario), &l->source->settings,
                           l->source->loose_settings);
}

/* A word of a command line, quoted if a shell would see more in it. */
static void put_word(struct strbuf *out, const char *word)
{
    static const char safe[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./:=,@%+-";
    bool plain = *word && strspn(word, safe) == strlen(word);
    strbuf_puts(out, plain ? "" : "'");
    for (const char *s = word; *s; s++) {
        if (*s == '\'')
            strbuf_puts(out, "'\\'");
        strbuf_putc(out, *s);
    }
    strbuf_puts(out, plain ? "" : "'");
}

/* The command that chooses the case that is chosen now. */
static const char *command_of_case(const struct loader *l)
{
    struct strbuf b = STRBUF_INIT;
    strbuf_puts(&b, l->source->command ? l->source->command : "podsim run");
    for (uint32_t i = 0; i < l->source->count; i++) {
        strbuf_putc(&b, ' ');
        put_word(&b, l->source->inputs[i].name);
    }
    for (uint32_t i = 0; i < l->parameters.list.count; i++) {
        const struct parameter *p = &l->parameters.list.items[i];
        if (p->declared.count == 1 && p->value == p->declared.items[0])
            continue;
        strbuf_puts(&b, " --set ");
        put_word(&b, arena_printf(l->arena, "%s=%s", p->name, parameter_text(p->value)));
    }
    const char *text = arena_strdup(l->arena, strbuf_str(&b));
    strbuf_fini(&b);
    return text;
}

/* Who is to choose has to know what there is. */
static void note_values(const struct loader *l, const struct parameter *p)
{
    enum { SHOWN = 8 };
    struct strbuf b = STRBUF_INIT;
    if (p->values.count < 2)
        return;
    for (uint32_t i = 0; i < p->values.count && i < SHOWN; i++)
        strbuf_printf(&b, "%s%s", i ? ", " : "", parameter_text(p->values.items[i]));
    if (p->values.count > SHOWN)
        strbuf_printf(&b, ", ... %s", parameter_text(p->values.items[p->values.count - 1]));
    diag_note(l->diags, p->at, "%s is one of %s", p->name, strbuf_str(&b));
    strbuf_fini(&b);
}

/* Leaves the one case chosen that the settings leave; else says what there is to choose from. */
static void choose_case(struct loader *l)
{
    struct parameters *p = &l->parameters;
    uint32_t n = parameters_combinations(p), cases = 0, first = 0;
    for (uint32_t i = 0; i < n; i++)
        if (parameters_choose(p, i) && cases++ == 0)
            first = i;
    parameters_choose(p, first);
    if (cases == 1)
        return;
    loader_fail(l);
    if (cases == 0) {
        diag_report(l->diags, CODE_CASE, p->at, NULL, "no case is left: spec.exclude leaves out %s",
                    n == 1 ? "this one" : "all of them");
        return;
    }
    diag_report(l->diags, CODE_CASE, p->at, command_of_case(l),
                "this scenario has %" PRIu32 " cases: choose one with --set", cases);
    for (uint32_t i = 0; i < p->list.count; i++)
        note_values(l, &p->list.items[i]);
}

/* The document of the case: all but the parameters themselves, which are read as they are. */
static const struct value *fill_scenario(struct loader *l, const struct value *root)
{
    const struct value *spec = value_get(root, "spec");
    if (!spec || spec->type != VALUE_MAP || l->parameters.list.count == 0)
        return root;
    struct value_entry *kept = arena_array(l->arena, struct value_entry, spec->count + 1);
    struct value *rest = arena_new(l->arena, struct value), *with = arena_new(l->arena, struct value);
    *rest = *spec;
    *with = *root;
    memcpy(kept, spec->entries, spec->count * sizeof *kept);
    for (uint32_t i = 0; i < spec->count; i++)
        if (strcmp(kept[i].key, "parameters") != 0 && strcmp(kept[i].key, "exclude") != 0)
            kept[i].value = parameters_fill(&l->parameters, kept[i].value);
    rest->entries = kept;
    struct value_entry *entries = arena_array(l->arena, struct value_entry, root->count);
    memcpy(entries, root->entries, root->count * sizeof *entries);
    for (uint32_t i = 0; i < root->count; i++)
        entries[i].value = entries[i].value == spec ? rest : parameters_fill(&l->parameters, entries[i].value);
    with->entries = entries;
    return with;
}

/* ---- documents ---- */

static void read_scenario_doc(struct loader *l, const struct document *doc)
{
    l->root = fill_scenario(l, doc->root);
    if (api_read_typed(&scenario_type, l->arena, l->diags, l->root, &l->doc) < 0)
        loader_fail(l);
}

static void read_image_catalogue(struct loader *l, const struct document *doc)
{
    struct loaded_catalogue *k = pool_at(&l->catalogues, pool_add(&l->catalogues));
    k->list = value_get(doc->root, "images");
    if (api_read_typed(&image_catalogue_type, l->arena, l->diags, doc->root, &k->doc) < 0)
        loader_fail(l);
}

static void read_document(struct loader *l, const struct document *doc)
{
    const char *version = root_text(doc->root, "apiVersion"), *kind = root_text(doc->root, "kind");
    if (is_podsims(doc->root, "ImageCatalogue")) {
        read_image_catalogue(l, doc);
        return;
    }
    if (starts_with(version, "kubelet.config.k8s.io/")) {
        loader_read_kubelet(l, doc);
        return;
    }
    if (starts_with(version, "podsim.dev/")) {
        diag_report(l->diags, CODE_KIND, doc->at, NULL,
                    "want apiVersion podsim.dev/v1 and kind Scenario or ImageCatalogue, got %s and %s", version,
                    *kind ? kind : "none");
        loader_fail(l);
        return;
    }
    if (!*version && (strcmp(kind, "Scenario") == 0 || strcmp(kind, "ImageCatalogue") == 0)) {
        diag_report(l->diags, CODE_MISSING, doc->at, "add \"apiVersion: podsim.dev/v1\"", "apiVersion not set");
        loader_fail(l);
        return;
    }
    if (api_read_document(l->arena, l->diags, doc, &l->objects) < 0)
        loader_fail(l);
}

static void read_filled(struct loader *l, const struct document *doc)
{
    const struct document filled = {parameters_fill(&l->parameters, doc->root), doc->at};
    read_document(l, &filled);
}

/* ---- includes ---- */

static void include_text(struct loader *l, const struct included_file *f, const char *text, size_t len)
{
    struct document_list docs = {0};
    if (value_parse(l->arena, l->diags, f->path, text, len, &docs) < 0)
        loader_fail(l);
    for (uint32_t i = 0; i < docs.count; i++) {
        if (!is_scenario(docs.items[i].root)) {
            read_filled(l, &docs.items[i]);
            continue;
        }
        diag_report(l->diags, CODE_FORBIDDEN, docs.items[i].at, NULL, "a file that is included cannot hold a Scenario");
        diag_note(l->diags, f->at, "it is included here");
        loader_fail(l);
    }
}

/* "./a//b" is "a/b". */
static const char *plain_path(struct arena *a, const char *path)
{
    struct strbuf b = STRBUF_INIT;
    for (const char *s = path; *s;) {
        size_t n = strcspn(s, "/");
        bool nothing = (n == 1 && *s == '.') || n == 0;
        if (!nothing)
            strbuf_printf(&b, "%s%.*s", b.len ? "/" : "", (int)n, s);
        s += n + (s[n] == '/');
    }
    const char *plain = arena_printf(a, "%s%s", *path == '/' ? "/" : "", strbuf_str(&b));
    strbuf_fini(&b);
    return plain;
}

/* Was the file named on the command line, too? */
static bool is_input(const struct loader *l, const char *path)
{
    for (uint32_t i = 0; i < l->source->count; i++)
        if (strcmp(plain_path(l->arena, l->source->inputs[i].name), path) == 0)
            return true;
    return false;
}

/* Included before? Says so. */
static bool is_included(struct loader *l, const char *path, struct src_pos at)
{
    for (uint32_t i = 0; i < l->included.count; i++) {
        const struct included_file *f = pool_at(&l->included, i);
        if (strcmp(f->path, path) != 0)
            continue;
        diag_report(l->diags, CODE_DUPLICATE, at, NULL, "%s is included twice", path);
        diag_note(l->diags, f->at, "it is included here, too");
        loader_fail(l);
        return true;
    }
    return false;
}

static void include_file(struct loader *l, const char *path, struct src_pos at)
{
    const char *text, *error = "no files can be read here";
    size_t len;
    const struct scenario_source *source = l->source;
    path = plain_path(l->arena, path);
    if (is_included(l, path, at) || is_input(l, path))
        return;
    struct included_file *f = pool_at(&l->included, pool_add(&l->included));
    *f = (struct included_file){path, at};
    if (!source->read_file || source->read_file(source->ctx, l->arena, path, &text, &len, &error) < 0) {
        diag_report(l->diags, CODE_FILE, at, NULL, "cannot read \"%s\": %s", path, error);
        loader_fail(l);
        return;
    }
    include_text(l, f, text, len);
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void include_pattern(struct loader *l, const char *pattern, struct src_pos at)
{
    const struct scenario_source *source = l->source;
    const char *path = beside_scenario(l, pattern), *error = NULL;
    str_list paths = {0};
    if (!*pattern) {
        diag_report(l->diags, CODE_MISSING, at, NULL, "want the name of a file or directory, or a pattern");
        loader_fail(l);
        return;
    }
    if (!source->find_files) {
        include_file(l, path, at);
        return;
    }
    bool failed = source->find_files(source->ctx, l->arena, path, &paths, &error) < 0;
    if (failed)
        diag_report(l->diags, CODE_FILE, at, NULL, "cannot read \"%s\": %s", path, error);
    else if (paths.count == 0)
        diag_report(l->diags, CODE_NOT_FOUND, at, NULL, "nothing matches \"%s\"", path);
    if (failed || paths.count == 0) {
        loader_fail(l);
        return;
    }
    qsort(paths.items, paths.count, sizeof *paths.items, compare_paths);
    for (uint32_t i = 0; i < paths.count; i++)
        include_file(l, paths.items[i], at);
}

static void read_includes(struct loader *l)
{
    const struct value *list = value_get(value_get(l->root, "spec"), "include");
    for (uint32_t i = 0; i < l->doc.spec.include.count; i++) {
        const struct value *item = list->type == VALUE_LIST ? list->items[i] : list;
        if (item->type == VALUE_STRING || item->fill) /* what is no text has been reported */
            include_pattern(l, l->doc.spec.include.items[i], item->at);
    }
}

/* ---- all of it ---- */

void loader_read(struct loader *l)
{
    parse_inputs(l);
    const struct loaded_document *scenario = find_scenario(l);
    find_directory(l, scenario);
    if (read_parameters(l, scenario) < 0)
        loader_fail(l);
    else
        choose_case(l);
    for (uint32_t i = 0; i < l->documents.count; i++) {
        const struct loaded_document *d = document_at(l, i);
        if (d == scenario) {
            read_scenario_doc(l, &d->doc);
            read_includes(l);
        } else if (!is_scenario(d->doc.root)) {
            read_filled(l, &d->doc);
        }
    }
    if (l->result == 0)
        parameters_warn_unused(&l->parameters);
}

/* ---- without loading ---- */

static struct scenario_case case_chosen(const struct parameters *p)
{
    struct scenario_case c = {.label = parameters_label(p, false), .file_label = parameters_label(p, true)};
    c.settings.items = arena_array(p->arena, struct parameter_setting, p->list.count);
    for (uint32_t i = 0; i < p->list.count; i++)
        c.settings.items[c.settings.count++] =
            (struct parameter_setting){p->list.items[i].name, parameter_text(p->list.items[i].value)};
    return c;
}

static void outline_cases(struct parameters *p, struct scenario_outline *o)
{
    uint32_t n = parameters_combinations(p);
    o->cases.items = arena_array(p->arena, struct scenario_case, n);
    for (uint32_t i = 0; i < n; i++)
        if (parameters_choose(p, i))
            o->cases.items[o->cases.count++] = case_chosen(p);
}

static void outline_tags(struct arena *a, const struct value *tags, struct scenario_outline *o)
{
    bool list = tags && tags->type == VALUE_LIST;
    uint32_t count = list ? tags->count : tags && tags->type == VALUE_STRING;
    o->tags.items = arena_array(a, const char *, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct value *tag = list ? tags->items[i] : tags;
        if (tag->type == VALUE_STRING)
            o->tags.items[o->tags.count++] = tag->text;
    }
}

int scenario_outline(struct arena *a, struct diag_set *d, const struct scenario_source *source,
                     struct scenario_outline *ret_outline)
{
    struct loader l = {.arena = a, .diags = d, .source = source};
    struct scenario_outline o = {.name = source->count ? source->inputs[0].name : ""};
    pool_init(&l.documents, a, sizeof(struct loaded_document));
    parse_inputs(&l);
    const struct loaded_document *scenario = find_scenario(&l);
    if (read_parameters(&l, scenario) < 0)
        loader_fail(&l);
    if (scenario) {
        const char *name = root_text(value_get(scenario->doc.root, "metadata"), "name");
        const struct value *description = value_get(spec_of(scenario), "description");
        o.is_scenario = true;
        o.at = scenario->doc.at;
        o.name = *name ? name : o.name;
        o.description = description && description->type == VALUE_STRING ? description->text : NULL;
        outline_tags(a, value_get(spec_of(scenario), "tags"), &o);
    }
    outline_cases(&l.parameters, &o);
    if (o.cases.count == 0 && l.result == 0) {
        diag_report(d, CODE_CASE, l.parameters.at, NULL, "no case is left: spec.exclude leaves out all of them");
        loader_fail(&l);
    }
    *ret_outline = o;
    return l.result;
}
