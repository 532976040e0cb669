/* kubectl_target.c - what a kubectl line is about: kinds, names, label and field selectors, files. */
#include "model/kubectl_parse.h"

#include <string.h>

/* Kinds of later stages, by every word kubectl knows them under. */
static const char *const later_kinds[] = {
    "statefulset",
    "statefulsets",
    "sts",
    "daemonset",
    "daemonsets",
    "ds",
    "job",
    "jobs",
    "cronjob",
    "cronjobs",
    "cj",
    "horizontalpodautoscaler",
    "horizontalpodautoscalers",
    "hpa",
    "persistentvolumeclaim",
    "persistentvolumeclaims",
    "pvc",
    "persistentvolume",
    "persistentvolumes",
    "pv",
    "storageclass",
    "sc",
    "ingress",
    "ingresses",
    "ing",
    "networkpolicy",
    "netpol",
    "serviceaccount",
    "serviceaccounts",
    "sa",
    "lease",
    "leases",
    "role",
    "rolebinding",
    "clusterrole",
    "clusterrolebinding",
    "customresourcedefinition",
    "crd",
};

/* ---- selectors ---- */

bool parser_selector(struct parser *p, const struct flag_value *given, selector *ret)
{
    const char *wrong = selector_parse(p->arena, given->text, ret);
    if (wrong)
        MISTAKE(p, parser_at(p, given->word), "unable to parse the label selector \"%s\": %s", given->text, wrong);
    return !wrong;
}

void parser_field_selector(struct parser *p, const struct flag_value *given)
{
    static const char *const known[] = {"metadata.name", "metadata.namespace",  "spec.nodeName",
                                        "status.phase",  "involvedObject.name", "reason",
                                        "type"};
    p->cmd->fields.items = arena_array(p->arena, struct field_term, strlen(given->text) + 1);
    for (const char *t = given->text; *t;) {
        size_t n = strcspn(t, ",");
        const char *term = arena_strndup(p->arena, t, n);
        const char *equals = strchr(term, '=');
        if (!equals || equals == term) {
            MISTAKE(p, parser_at(p, given->word), "invalid selector: \"%s\"; can't understand \"%s\"", given->text,
                    term);
            return;
        }
        bool negated = equals[-1] == '!';
        struct field_term f = {arena_strndup(p->arena, term, (size_t)(equals - term) - negated),
                               equals + 1 + (equals[1] == '='), negated};
        if (!parser_is_one_of(f.path, known, ARRAY_LEN(known)))
            MISTAKE_SUGGEST(p, parser_at(p, given->word), parser_suggest(p, f.path, known, ARRAY_LEN(known)),
                            "field label not supported: %s", f.path);
        p->cmd->fields.items[p->cmd->fields.count++] = f;
        t += n + (t[n] == ',');
    }
}

/* ---- kinds and names ---- */

enum api_kind parser_kind(struct parser *p, const struct word *w, const char *text)
{
    /* "pods.v1." and "endpointslices.discovery.k8s.io" name the group, too. */
    const char *word = arena_strndup(p->arena, text, strcspn(text, "."));
    enum api_kind kind = kind_of_resource(word);
    if (kind != KIND_NONE)
        return kind;
    if (parser_is_one_of(word, later_kinds, ARRAY_LEN(later_kinds))) {
        MISTAKE(p, parser_at(p, w), "%s is not modelled yet", word);
        return KIND_NONE;
    }
    const char *names[4 * KIND_COUNT];
    size_t count = 0;
    for (int k = 1; k < KIND_COUNT; k++) {
        names[count++] = kind_infos[k].resource;
        names[count++] = kind_infos[k].singular;
        if (kind_infos[k].short_name)
            names[count++] = kind_infos[k].short_name;
    }
    MISTAKE_SUGGEST(p, parser_at(p, w), parser_suggest(p, word, names, count),
                    "the server doesn't have a resource type \"%s\"", text);
    return KIND_NONE;
}

void parser_add_target(struct parser *p, enum api_kind kind, const char *name)
{
    if (kind == KIND_NONE)
        return;
    p->cmd->targets.items[p->cmd->targets.count++] = (struct target){kind, name};
}

bool parser_is_change(const char *text)
{
    size_t n = strlen(text);
    return strchr(text, '=') || (n > 1 && text[n - 1] == '-');
}

/* What `kubectl get all` shows, of the kinds that are modelled, in its order: k8s the category "all". */
static const char *const all_resources[] = {
    "pods",         "replicationcontrollers",   "services", "daemonsets", "deployments", "replicasets",
    "statefulsets", "horizontalpodautoscalers", "cronjobs", "jobs"};

/* "pods,svc" or "all", without names. */
static void target_kinds(struct parser *p, const struct word *w)
{
    if (strcmp(w->text, "all") == 0) {
        for (size_t i = 0; i < ARRAY_LEN(all_resources); i++)
            parser_add_target(p, kind_of_resource(all_resources[i]), NULL);
        p->cmd->by_type = true;
        return;
    }
    p->cmd->by_type = strchr(w->text, ',') != NULL;
    for (const char *t = w->text; *t;) {
        size_t n = strcspn(t, ",");
        struct word part = *w; /* of an unquoted word it is known where its parts stand */
        if (w->length == strlen(w->text))
            part = (struct word){w->text, w->offset + (size_t)(t - w->text), n};
        parser_add_target(p, parser_kind(p, &part, arena_strndup(p->arena, t, n)), NULL);
        t += n + (t[n] == ',');
    }
}

uint32_t parser_targets(struct parser *p, uint32_t at, enum api_kind otherwise, bool names_wanted)
{
    p->cmd->targets.items = arena_array(p->arena, struct target, p->operands.count + KIND_COUNT + 4);
    uint32_t end = at;
    bool changes = p->cmd->verb == VERB_LABEL || p->cmd->verb == VERB_ANNOTATE || p->cmd->verb == VERB_TAINT ||
                   p->cmd->verb == VERB_SET_IMAGE || p->cmd->verb == VERB_SET_ENV;
    while (end < p->dash_dash && !(changes && end > at && parser_is_change(p->operands.items[end].text)))
        end++;
    if (at == end)
        return at;
    const struct word *first = &p->operands.items[at];
    if (strchr(first->text, '/')) {
        p->cmd->by_type = end - at > 1;
        for (uint32_t i = at; i < end; i++) {
            const struct word *w = &p->operands.items[i];
            const char *slash = strchr(w->text, '/');
            if (!slash || !slash[1]) {
                MISTAKE(p, parser_at(p, w),
                        "there is no need to specify a resource type as a separate argument when "
                        "passing arguments in resource/name form");
                continue;
            }
            const char *type = arena_strndup(p->arena, w->text, (size_t)(slash - w->text));
            parser_add_target(p, parser_kind(p, w, type), slash + 1);
        }
        return end;
    }
    if (otherwise != KIND_NONE) { /* exec, logs, cordon: names of one kind */
        for (uint32_t i = at; i < end; i++)
            parser_add_target(p, otherwise, p->operands.items[i].text);
        return end;
    }
    if (end - at == 1) {
        target_kinds(p, first);
        if (names_wanted && !p->cmd->has_selector && !p->cmd->all && p->cmd->fields.count == 0 && p->result == 0)
            MISTAKE(p, parser_at(p, first), "resource(s) were provided, but no name was specified");
        return end;
    }
    enum api_kind kind = parser_kind(p, first, first->text);
    if (kind != KIND_NONE && (p->cmd->has_selector || p->cmd->fields.count))
        MISTAKE(p, parser_at(p, &p->operands.items[at + 1]), "name cannot be provided when a selector is specified");
    for (uint32_t i = at + 1; i < end; i++)
        parser_add_target(p, kind, p->operands.items[i].text);
    return end;
}

void parser_no_more(struct parser *p, uint32_t at)
{
    if (at < p->operands.count)
        MISTAKE(p, parser_at(p, &p->operands.items[at]), "unexpected argument \"%s\"", p->operands.items[at].text);
}

/* ---- files ---- */

static void read_documents(struct parser *p, const char *name, const char *text, size_t len)
{
    struct document_list docs = {0};
    if (value_parse(p->arena, p->diags, name, text, len, &docs) < 0)
        p->result = -1;
    for (uint32_t i = 0; i < docs.count; i++)
        if (api_read_document(p->arena, p->diags, &docs.items[i], &p->objects) < 0)
            p->result = -1;
}

void parser_file(struct parser *p, const struct flag_value *f)
{
    const char *text = NULL;
    size_t len = 0;
    const char *error = "no files can be read here";
    p->cmd->file = f->text;
    if (strcmp(f->text, "-") == 0 || strstr(f->text, "://")) {
        MISTAKE(p, parser_at(p, f->word), "-f %s: want a file, or a name of spec.manifests", f->text);
        return;
    }
    if (!p->read_file || p->read_file(p->ctx, p->arena, f->text, &text, &len, &error) < 0) {
        MISTAKE(p, parser_at(p, f->word), "cannot read \"%s\": %s", f->text, error);
        return;
    }
    uint32_t errors = p->diags->error_count, before = p->objects.count;
    read_documents(p, f->text, text, len);
    if (p->diags->error_count > errors)
        diag_note(p->diags, parser_at(p, f->word), "the file is named here");
    else if (p->objects.count == before)
        MISTAKE(p, parser_at(p, f->word), "there is no object in \"%s\"", f->text);
}

void parser_read_made_up(struct parser *p, const struct strbuf *text, struct src_pos at)
{
    uint32_t errors = p->diags->error_count;
    const char *name = arena_printf(p->arena, "kubectl %s", kubectl_verbs[p->cmd->verb].name);
    read_documents(p, name, strbuf_str(text), text->len);
    if (p->diags->error_count > errors)
        diag_note(p->diags, at, "made by this command");
    if (p->objects.count)
        p->cmd->draft = (*(const struct api_object **)pool_at(&p->objects, 0))->source;
    for (uint32_t i = 0; i < p->objects.count; i++) /* the user wrote no such document */
        ((struct api_object *)(uintptr_t) * (const struct api_object **)pool_at(&p->objects, i))->source = NULL;
}
