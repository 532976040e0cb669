/* behaviour_annotation.c - behaviours in the annotations of pods: YAML within YAML.
 *
 * The text is a document of its own; what is wrong with it is told at the place in the manifest where it stands.
 */
#include <string.h>

#include "model/behaviour.h"
#include "model/check.h"

/* ---- places ---- */

/* The byte of `text` at a line and column, both from 1; columns are characters. */
static size_t byte_at(const char *text, struct src_pos at)
{
    size_t i = 0;
    for (uint32_t line = 1; line < at.line && text[i]; i++)
        line += text[i] == '\n';
    for (uint32_t column = 1; column < at.column && text[i] && text[i] != '\n';) {
        i++;
        column += ((unsigned char)text[i] & 0xc0) != 0x80;
    }
    return i;
}

struct inner { /* a text within a manifest */
    const char *text;
    const struct value *source; /* NULL = it has no place */
    struct diag_set *outer;
};

static struct src_pos place_of(const struct inner *in, struct src_pos at)
{
    if (!in->source)
        return SRC_POS_NONE;
    if (at.line == 0 || !in->source->text || strcmp(in->source->text, in->text) != 0)
        return in->source->at;
    struct src_pos place = value_pos_at(in->source, in->outer, byte_at(in->text, at));
    place.length = at.length;
    return place;
}

/* What was said about the text, said about the manifest. */
static void report_outside(const struct inner *in, const struct diag_set *found)
{
    for (uint32_t i = 0; i < found->diags.count; i++) {
        const struct diag *d = pool_at(&found->diags, i);
        struct src_pos at = place_of(in, d->at);
        if (d->level == DIAG_NOTE)
            diag_note(in->outer, at, "%s", d->message);
        else
            diag_report(in->outer, d->code, at, d->suggestion, "%s", d->message);
    }
}

/* ---- the text ---- */

static int parse(struct arena *a, struct diag_set *d, const char *text, struct behaviour *b)
{
    const struct src_pos start = {.line = 1, .column = 1};
    struct document_list docs = {0};
    api_init(&behaviour_type, b);
    if (value_parse(a, d, "behaviour", text, strlen(text), &docs) < 0)
        return -1;
    if (docs.count > 1)
        return diag_error(d, docs.items[1].at, "want one behaviour, not several documents");
    if (docs.count == 0 || docs.items[0].root->type != VALUE_MAP)
        return diag_report(d, CODE_TYPE, docs.count ? docs.items[0].root->at : start, "write for example: startup: 5s",
                           "want what the container does, as a map of fields");
    const struct value *root = docs.items[0].root;
    if (api_decode(&behaviour_type, a, d, "", root, b) < 0)
        return -1;
    api_set_defaults(&behaviour_type, a, b);
    return api_validate(&behaviour_type, a, d, "", root, b);
}

const struct behaviour *behaviour_parse(struct arena *a, struct diag_set *d, const char *text,
                                        const struct value *source)
{
    struct diag_set found;
    struct inner in = {text, source, d};
    struct behaviour *b = arena_new(a, struct behaviour);
    diag_init(&found);
    int r = parse(a, &found, text, b);
    report_outside(&in, &found);
    diag_fini(&found);
    return r < 0 ? NULL : b;
}

/* ---- where annotations may stand ---- */

static void check_container(struct check *c, const char *key, const char *name, const char *const *containers,
                            uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (containers[i] && strcmp(containers[i], name) == 0)
            return;
    const char *close = diag_closest(name, containers, count);
    check_report_bare(c, CODE_NOT_FOUND, c->key_at,
                      close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL,
                      "annotation \"%s\": there is no container \"%s\" in this pod", key, name);
}

/* Keys with podsim's own prefix are podsim's: a mistyped one would do nothing. */
static void check_annotation(struct check *c, const struct str_pair *p, const char *const *containers, uint32_t count)
{
    static const char prefix[] = "podsim.dev/", name[] = BEHAVIOUR_ANNOTATION;
    size_t n = sizeof name - 1;
    if (strncmp(p->key, prefix, sizeof prefix - 1) != 0)
        return;
    if (strncmp(p->key, name, n) != 0 || (p->key[n] && p->key[n] != '.')) {
        check_report_bare(c, CODE_FIELD, c->key_at, "did you mean \"" BEHAVIOUR_ANNOTATION "\"?",
                          "unknown annotation \"%s\": podsim.dev/ is podsim's own", p->key);
        return;
    }
    if (p->key[n] == '.')
        check_container(c, p->key, p->key + n + 1, containers, count);
    if (!behaviour_parse(c->run->arena, c->run->diags, p->value, c->value))
        c->run->result = -1;
}

void behaviour_check_annotations(struct check *metadata, const str_map *annotations, const char *const *containers,
                                 uint32_t count)
{
    for (uint32_t i = 0; i < annotations->count; i++)
        check_annotation(AT_KEY(AT(metadata, "annotations"), annotations->items[i].key), &annotations->items[i],
                         containers, count);
}
