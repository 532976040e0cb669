/* image.c - catalogues of images: which entries a reference means, and what they make of an image together.
 *
 * Entries lie over one another: what an entry does not say it takes from the image it is like, that is from the
 * entry of its own name in a lower layer unless it names another. The built-in catalogue is the lowest layer; an
 * entry of it is read when something first asks for it. An image that nobody knows is a server that runs for ever.
 */
#include "model/image.h"

#include <string.h>

#include "model/image_doc.h"
#include "model/process.h"

enum { CACHE_BUCKETS = 64, LIKE_MAX = 8 };

struct cached {
    const char *reference;
    const struct image *image;
    struct cached *next;
};

struct read_entry {
    uint32_t number;
    const struct image_entry *entry;
    struct read_entry *next;
};

struct image_cache {
    struct cached *images[CACHE_BUCKETS];
    struct read_entry *entries; /* of the built-in catalogue */
};

void image_catalogue_init(struct image_catalogue *c, struct arena *a)
{
    *c = (struct image_catalogue){.arena = a, .cache = arena_new(a, struct image_cache)};
}

/* ---- the built-in catalogue ---- */

static int compare_name(const char *name, const char *want, size_t len)
{
    int order = strncmp(name, want, len);
    return order ? order : name[len] ? 1 : 0;
}

/* Its number, or -1. */
static int32_t built_in_number(const char *name, size_t len)
{
    uint32_t low = 0, high = built_in_name_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = compare_name(built_in_names[middle].name, name, len);
        if (order == 0)
            return built_in_names[middle].entry;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

/* What is in its files, which stands beside the text that was read. */
static void fill_files(struct image_facts *f)
{
    for (uint32_t i = 0; i < f->files.count; i++) {
        const char **content = &f->files.items[i].content;
        uint32_t n = 0;
        if (!*content || **content != '\001')
            continue;
        for (const char *s = *content + 1; *s; s++)
            n = n * 10 + (uint32_t)(*s - '0');
        *content = built_in_contents + built_in_content_starts[n];
    }
}

/* The text is checked when podsim is tested, so nothing can be wrong with it here. */
static const struct image_entry *read_built_in(struct arena *a, uint32_t number)
{
    const struct built_in_text *t = &built_in_texts[number];
    struct diag_set diags;
    struct document_list docs = {0};
    struct image_entry *e = arena_new(a, struct image_entry);
    diag_init(&diags);
    int bad = value_parse(a, &diags, "images.yaml", built_in_read + t->read, t->read_length, &docs);
    ASSERT(bad == 0);
    ASSERT(docs.count == 1);
    bad = api_decode(&image_entry_type, a, &diags, "", docs.items[0].root->items[0], e);
    ASSERT(bad == 0);
    diag_fini(&diags);
    fill_files(&e->facts);
    for (uint32_t i = 0; i < e->variants.count; i++)
        fill_files(&e->variants.items[i].facts);
    return e;
}

const struct image_entry *image_built_in(struct arena *a, const char *reference)
{
    struct image_reference r = image_reference(reference);
    int32_t number = image_built_in_number(&r);
    return number < 0 ? NULL : read_built_in(a, (uint32_t)number);
}

static const struct image_entry *built_in(const struct image_catalogue *c, uint32_t number)
{
    for (const struct read_entry *r = c->cache->entries; r; r = r->next)
        if (r->number == number)
            return r->entry;
    struct read_entry *r = arena_new(c->arena, struct read_entry);
    *r = (struct read_entry){number, read_built_in(c->arena, number), c->cache->entries};
    c->cache->entries = r;
    return r->entry;
}

/* ---- which entry ---- */

/* The repository's end that begins after the next "/", or NULL. */
static const char *shorter(const struct image_reference *r, const char *repository)
{
    size_t left = (size_t)(r->text + r->repository - repository);
    const char *slash = memchr(repository, '/', left);
    return slash ? slash + 1 : NULL;
}

int32_t image_built_in_number(const struct image_reference *r)
{
    const char *end = r->text + r->repository;
    for (const char *from = r->text; from; from = shorter(r, from)) {
        size_t len = (size_t)(end - from), tag = r->tag_len ? r->tag_len + 1 : 0;
        int32_t number = tag ? built_in_number(from, len + tag) : -1;
        if (number < 0)
            number = built_in_number(from, len);
        if (number >= 0)
            return number;
    }
    return -1;
}

static const struct image_entry *find_built_in(const struct image_catalogue *c, const struct image_reference *r)
{
    int32_t number = image_built_in_number(r);
    return number < 0 ? NULL : built_in(c, (uint32_t)number);
}

/* How well the name fits: the length of its repository, one more for a tag or digest; 0 = not at all. */
static size_t fit(const char *name, const struct image_reference *r)
{
    struct image_reference n = image_reference(name);
    const char *end = r->text + r->repository;
    bool tag = n.tag_len == 0 || (n.tag_len == r->tag_len && memcmp(n.tag, r->tag, n.tag_len) == 0);
    bool digest = !*n.digest || strcmp(n.digest, r->digest) == 0;
    if (!tag || !digest || n.repository == 0 || n.repository > r->repository)
        return 0;
    if (memcmp(end - n.repository, name, n.repository) != 0)
        return 0;
    if (n.repository < r->repository && end[-(ptrdiff_t)n.repository - 1] != '/')
        return 0;
    return 2 * n.repository + (*n.rest != '\0');
}

static size_t entry_fit(const struct image_entry *e, const struct image_reference *r)
{
    size_t best = e->name ? fit(e->name, r) : 0;
    for (uint32_t i = 0; i < e->aliases.count; i++) {
        size_t other = fit(e->aliases.items[i], r);
        if (other > best)
            best = other;
    }
    return best;
}

/* The entry for `r` in the highest layer up to `layer` that has one, but not `self`. */
static const struct image_entry *find_entry(const struct image_catalogue *c, const struct image_reference *r,
                                            uint32_t layer, const struct image_entry *self)
{
    const struct image_entry *best = NULL;
    size_t best_fit = 0;
    for (uint32_t i = 0; i < c->entries.count; i++) {
        const struct image_entry *e = c->entries.items[i];
        if (e->layer > layer || e == self)
            continue;
        if (best && e->layer < best->layer)
            break;
        size_t f = entry_fit(e, r);
        if (f > best_fit) {
            best = e;
            best_fit = f;
        }
    }
    return best ? best : find_built_in(c, r);
}

/* ---- what it is ---- */

struct builder {
    const struct image_catalogue *catalogue;
    struct arena *arena;
    struct image image;
    bool command_given; /* by an entry beside the built-in ones */
    bool port_given, userland_given;
};

/* NULL-terminated, as struct image wants it. */
static const char *const *argv_of(struct arena *a, const str_list *list)
{
    if (list->count == 0)
        return NULL;
    const char **argv = arena_array(a, const char *, list->count + 1);
    memcpy(argv, list->items, list->count * sizeof *argv);
    return argv;
}

static void apply_userland(struct image *i, const char *name)
{
    i->userland = strcmp(name, "debian") == 0 ? USERLAND_DEBIAN
                  : strcmp(name, "none") == 0 ? USERLAND_NONE
                                              : USERLAND_BUSYBOX;
    i->usr_bin = strcmp(name, "busybox") != 0;
}

/* The items of `more` after those of `list`: the last of a name counts. */
#define EXTEND(b, list, more)                                                                                          \
    do {                                                                                                               \
        (list)->items =                                                                                                \
            extend((b)->arena, (list)->items, (list)->count, (more)->items, (more)->count, sizeof *(list)->items);     \
        (list)->count += (more)->count;                                                                                \
    } while (0)

static void *extend(struct arena *a, const void *items, uint32_t count, const void *more, uint32_t added, size_t size)
{
    char *all = arena_alloc(a, (count + added + 1) * size);
    if (count)
        memcpy(all, items, count * size);
    if (added)
        memcpy(all + count * size, more, added * size);
    return all;
}

static void apply_command(struct builder *b, const struct image_facts *f)
{
    struct image *i = &b->image;
    if (f->entrypoint.count || f->cmd.count) {
        i->entrypoint = argv_of(b->arena, &f->entrypoint);
        i->cmd = argv_of(b->arena, &f->cmd);
    }
    if (f->program) {
        i->program = f->program;
        i->generic = false;
    }
    if (f->userland)
        apply_userland(i, f->userland);
    if (f->working_dir)
        i->working_dir = f->working_dir;
    if (f->user)
        i->user = f->user;
    if (f->stop_signal)
        i->stop_signal = f->stop_signal;
    if (f->versions.count)
        i->versions = f->versions;
    EXTEND(b, &i->env, &f->env);
    EXTEND(b, &i->commands, &f->commands);
    EXTEND(b, &i->binaries, &f->binaries);
    EXTEND(b, &i->tools, &f->tools);
    EXTEND(b, &i->files, &f->files);
}

static void apply_ports(struct builder *b, const struct image_facts *f)
{
    struct image *i = &b->image;
    if (f->ports.count)
        i->ports = f->ports;
    if (f->ports.count || f->port.set)
        i->no_ports = f->port.set && f->port.value == 0;
    if (!f->port.set)
        return;
    i->ports.items = arena_array(b->arena, int64_t, 1);
    i->ports.items[0] = f->port.value;
    i->ports.count = f->port.value != 0;
}

static void apply_memory(struct builder *b, const struct image_facts *f)
{
    if (f->memory.count == 0)
        return;
    struct memory_point *points = arena_array(b->arena, struct memory_point, f->memory.count);
    for (uint32_t k = 0; k < f->memory.count; k++)
        points[k] = (struct memory_point){f->memory.items[k].at, quantity_value(&f->memory.items[k].use)};
    b->image.memory.items = points;
    b->image.memory.count = f->memory.count;
}

static void apply_behaviour(struct builder *b, const struct image_facts *f)
{
    if (!f->behaviour)
        return;
    struct behaviour *all = arena_new(b->arena, struct behaviour);
    *all = *f->behaviour;
    if (b->image.behaviour)
        behaviour_merge(all, b->image.behaviour);
    b->image.behaviour = all;
}

static void apply(struct builder *b, const struct image_facts *f, bool is_built_in)
{
    struct image *i = &b->image;
    apply_command(b, f);
    apply_ports(b, f);
    apply_memory(b, f);
    apply_behaviour(b, f);
    if (f->size.set)
        i->size_bytes = quantity_value(&f->size);
    if (f->startup != SIM_NEVER) {
        i->start_ms = f->startup / SIM_MS;
        i->start_guessed = is_built_in;
    }
    if (f->pull != SIM_NEVER)
        i->pull_ms = f->pull / SIM_MS;
    if (f->present.set)
        i->present = f->present.value;
    if (f->missing)
        i->missing = true;
    if (f->pull_error)
        i->pull_error = f->pull_error;
    if (is_built_in)
        return;
    b->command_given |= f->entrypoint.count || f->cmd.count;
    b->port_given |= f->port.set || f->ports.count;
    b->userland_given |= f->userland != NULL;
}

static const struct image generic = {
    .name = "generic",
    .program = "server",
    .userland = USERLAND_DEBIAN,
    .usr_bin = true,
    .size_bytes = 100 * 1000 * 1000,
    .start_ms = 1000,
    .start_guessed = true,
    .generic = true,
};

/* The version that a tag means: "1.14.2-alpine" itself, "1.25" the first in the list that begins so. */
static const char *tag_version(struct arena *a, const str_list *versions, const struct image_reference *r)
{
    const char *tag = r->tag;
    size_t n = 0;
    if (versions->count == 0)
        return NULL;
    tag += r->tag_len && *tag == 'v';
    while (tag + n < r->tag + r->tag_len && ((tag[n] >= '0' && tag[n] <= '9') || (n && tag[n] == '.')))
        n++;
    for (uint32_t i = 0; i < versions->count; i++)
        if (strncmp(versions->items[i], tag, n) == 0 && (n == 0 || strchr(".", versions->items[i][n])))
            return versions->items[i];
    return arena_strndup(a, tag, n);
}

static void build(struct builder *b, const struct image_entry *e, const struct image_reference *r, int depth);

/* What the entry is like; an unknown image if there is nothing. */
static void build_below(struct builder *b, const struct image_entry *e, const struct image_reference *r, int depth)
{
    struct image_reference like = image_reference(e->like ? e->like : r->text);
    uint32_t layer = e->like ? e->layer : e->layer ? e->layer - 1 : 0;
    const struct image_entry *below = NULL;
    if (depth < LIKE_MAX && (e->layer || e->like))
        below = find_entry(b->catalogue, &like, layer, e);
    if (below)
        build(b, below, &like, depth + 1);
    else
        b->image = e->layer ? generic : (struct image){.usr_bin = true};
}

static void build(struct builder *b, const struct image_entry *e, const struct image_reference *r, int depth)
{
    build_below(b, e, r, depth);
    apply(b, &e->facts, e->layer == 0);
    for (uint32_t i = 0; i < e->variants.count; i++)
        if (image_tag_matches(&e->variants.items[i].tags, r))
            apply(b, &e->variants.items[i].facts, e->layer == 0);
    if (e->facts.versions.count) /* those below have their own tags */
        b->image.version = tag_version(b->arena, &b->image.versions, r);
    b->image.name = e->name;
}

/* Whether what it starts is a command of its userland: `entrypoint: [sh]` means the shell, while a name
 * that is unknown there stands for the image's own server. */
static bool begins_with_a_command(const struct image *i)
{
    struct image bare = *i; /* with nothing but its userland */
    struct vcontainer ct = {.image = &bare};
    const char *const *argv = i->entrypoint ? i->entrypoint : i->cmd;
    if (!argv || !argv[0])
        return false;
    const char *slash = strrchr(argv[0], '/');
    bare.program = NULL;
    bare.generic = false;
    return applet_in(&ct, "/bin", slash ? slash + 1 : argv[0]) != NULL;
}

/* What is in an image that only a scenario knows stays a guess until its entry tells; a program that it names is
 * started under some name. */
static void settle_unknown(struct builder *b)
{
    static const char *const app[] = {"/app", NULL};
    struct image *i = &b->image;
    if (!i->entrypoint && !i->cmd && i->program && !i->generic)
        i->cmd = app;
    if (!i->generic)
        return;
    if (b->command_given && !b->userland_given)
        i->userland = USERLAND_BUSYBOX;
    bool command = begins_with_a_command(i);
    if (command && !b->port_given)
        i->program = NULL;
    i->generic = !command && !b->userland_given;
}

/* "$(version)" in the environment. */
static void expand_env(struct builder *b)
{
    static const char variable[] = "$(version)";
    for (uint32_t k = 0; k < b->image.env.count; k++) {
        const char *value = b->image.env.items[k].value, *at = value ? strstr(value, variable) : NULL;
        if (at)
            b->image.env.items[k].value = arena_printf(b->arena, "%.*s%s%s", (int)(at - value), value,
                                                       b->image.version ? b->image.version : "", at + strlen(variable));
    }
}

static const struct image *resolve(const struct image_catalogue *c, const char *reference)
{
    struct image_reference r = image_reference(reference);
    const struct image_entry *e = find_entry(c, &r, UINT32_MAX, NULL);
    if (!e)
        return &generic;
    struct builder b = {.catalogue = c, .arena = c->arena};
    build(&b, e, &r, 0);
    settle_unknown(&b);
    expand_env(&b);
    struct image *i = arena_new(c->arena, struct image);
    *i = b.image;
    return i;
}

static uint32_t bucket_of(const char *text)
{
    uint32_t h = 2166136261u;
    for (; *text; text++)
        h = (h ^ (unsigned char)*text) * 16777619u;
    return h % CACHE_BUCKETS;
}

const struct image *image_find(const struct image_catalogue *c, const char *reference)
{
    struct cached **bucket = &c->cache->images[bucket_of(reference)];
    for (const struct cached *k = *bucket; k; k = k->next)
        if (strcmp(k->reference, reference) == 0)
            return k->image;
    struct cached *k = arena_new(c->arena, struct cached);
    *k = (struct cached){arena_strdup(c->arena, reference), resolve(c, reference), *bucket};
    *bucket = k;
    return k->image;
}

const struct image *image_next_present(const struct image_catalogue *c, uint32_t *cursor)
{
    while (*cursor < c->entries.count) {
        uint32_t i = (*cursor)++, k = 0;
        while (!text_same(c->entries.items[k]->name, c->entries.items[i]->name))
            k++;
        const struct image *image = k == i ? image_find(c, c->entries.items[i]->name) : NULL;
        if (image && image->present) /* not one that a higher layer has said already */
            return image;
    }
    return NULL;
}

sim_time image_start_time(const struct image *image, bool nothing_takes_time)
{
    return image->start_guessed && nothing_takes_time ? 0 : image->start_ms * SIM_MS;
}

/* ---- entries beside the built-in ones ---- */

static struct src_pos position(const struct value *list, uint32_t i, const char *field)
{
    const struct value *item = list && i < list->count ? list->items[i] : NULL;
    const struct value *v = item ? value_get(item, field) : NULL;
    return v ? v->at : item ? item->at : SRC_POS_NONE;
}

static int unknown_image(const struct image_catalogue *c, struct diag_set *d, const char *name, struct src_pos at)
{
    const char **names = arena_array(c->arena, const char *, built_in_name_count);
    for (uint32_t i = 0; i < built_in_name_count; i++)
        names[i] = built_in_names[i].name;
    const char *close = diag_closest(name, names, built_in_name_count);
    return diag_report(d, CODE_NOT_FOUND, at, close ? arena_printf(c->arena, "did you mean \"%s\"?", close) : NULL,
                       "there is no image \"%s\" in the catalogue; see `podsim help images`", name);
}

/* What the entry says it is like must be there, and must not be like the entry. */
static int check_like(const struct image_catalogue *c, struct diag_set *d, const struct image_entry *e,
                      struct src_pos at)
{
    const struct image_entry *next = e;
    for (int depth = 0; next && next->like; depth++) {
        struct image_reference r = image_reference(next->like);
        const struct image_entry *found = find_entry(c, &r, next->layer, next);
        if (depth > LIKE_MAX)
            return diag_error(d, at, "images that are like one another in a circle: \"%s\"", e->like);
        if (!found)
            return unknown_image(c, d, next->like, at);
        next = found;
    }
    return 0;
}

int image_catalogue_add(struct image_catalogue *c, struct diag_set *d, const struct image_entry *items, uint32_t count,
                        const struct value *list)
{
    uint32_t layer = c->entries.count ? c->entries.items[0]->layer + 1 : 1;
    const struct image_entry **all = arena_array(c->arena, const struct image_entry *, count + c->entries.count + 1);
    int result = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct image_entry *e = arena_new(c->arena, struct image_entry);
        *e = items[i];
        e->layer = layer;
        all[i] = e;
    }
    for (uint32_t i = 0; i < c->entries.count; i++)
        all[count + i] = c->entries.items[i];
    c->entries.items = all;
    c->entries.count += count;
    for (uint32_t i = 0; i < count; i++)
        if (check_like(c, d, all[i], position(list, i, "like")) < 0)
            result = -1;
    return result;
}
