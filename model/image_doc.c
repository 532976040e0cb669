/* image_doc.c - the table of a catalogue's entries, what tables cannot say, and which tags a pattern is for. */
#include "model/image_doc.h"

#include <string.h>

#include "model/check.h"
#include "model/cri.h"
#include "model/doc_table.h"
#include "model/process.h"

static const char *const userland_names[] = {"alpine", "busybox", "debian", "none", NULL};

static const struct api_field memory_fields[] = {
    FIELD(image_memory_doc, at, "at", FIELD_DURATION, .flags = FIELD_REQUIRED,
          .doc = "Time since the container was started."),
    FIELD(image_memory_doc, use, "use", FIELD_QUANTITY, .flags = FIELD_REQUIRED, .doc = "Memory in use then."),
};
static const struct api_type memory_type =
    TYPE(image_memory_doc, "MemoryPoint", memory_fields, .doc = "A point of memory use over time.");

static const struct api_field file_fields[] = {
    FIELD(image_file, path, "path", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY,
          .doc = "Where it is; directories above it need not be given."),
    FIELD(image_file, content, "content", FIELD_STRING, .flags = FIELD_KEEP_EMPTY,
          .doc = "What is in it. Without content and link it is a directory."),
    FIELD(image_file, link, "link", FIELD_STRING, .doc = "It is a symbolic link to this path."),
    FIELD(image_file, mode, "mode", FIELD_INT32,
          .doc = "Permissions, such as 0755; default 0644, of directories 0755."),
};
static void validate_file(struct check *c, const void *object);
static const struct api_type file_type =
    TYPE(image_file, "ImageFile", file_fields, .validate = validate_file, .doc = "A file that an image brings.");

static const struct api_field tool_fields[] = {
    FIELD(image_tool, name, "name", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY,
          .doc = "Name of the command, such as pg_isready."),
    FIELD(image_tool, port, "port", FIELD_INT32, .flags = FIELD_REQUIRED,
          .doc = "It asks whether something listens on this port of localhost, unless its arguments -h and -p (or -P), "
                 "--host "
                 "and --port tell otherwise."),
    FIELD(image_tool, up, "up", FIELD_STRING, .doc = "What it prints if so; it exits with 0."),
    FIELD(image_tool, down, "down", FIELD_STRING, .doc = "What it prints if not."),
    FIELD(image_tool, host_up, "hostUp", FIELD_STRING,
          .doc = "The same as `up` when it was told a host; $(host) and $(port) stand for what it was told."),
    FIELD(image_tool, host_down, "hostDown", FIELD_STRING, .doc = "The same as `down` then."),
    FIELD(image_tool, down_on_stdout, "downToStdout", FIELD_BOOL,
          .doc = "It prints that to standard output, not to standard error."),
    FIELD(image_tool, down_exit, "downExit", FIELD_INT32, .doc = "What it exits with then; default 1."),
};
static void validate_tool(struct check *c, const void *object);
static const struct api_type tool_type = TYPE(image_tool, "ImageTool", tool_fields, .validate = validate_tool,
                                              .doc = "A command of an image that asks its server whether it is well.");

/* What entries and variants have in common. */
#define FACT(struct_type, member, json, kind_, ...) FIELD(struct_type, facts.member, json, kind_, __VA_ARGS__)
#define FACTS(s)                                                                                                       \
    FACT(s, program, "program", FIELD_STRING,                                                                          \
         .doc =                                                                                                        \
             "What its own program behaves as: `server` (the default: listens, answers 200, ends at SIGTERM) or one "  \
             "that podsim knows, such as nginx."),                                                                     \
        FACT(s, versions, "versions", FIELD_STRING_LIST,                                                               \
             .doc = "Versions of that program, the newest first. A tag such as 1.25 means the first that begins so; "  \
                    "$(version) in `env` stands for it."),                                                             \
        FACT(s, entrypoint, "entrypoint", FIELD_STRING_LIST,                                                           \
             .doc = "ENTRYPOINT of the image. Where one of entrypoint and cmd is given, the other is empty."),         \
        FACT(s, cmd, "cmd", FIELD_STRING_LIST, .doc = "CMD of the image."),                                            \
        FACT(s, env, "env", FIELD_STRING_MAP, .doc = "ENV of the image, beside what it is like."),                     \
        FACT(s, working_dir, "workingDir", FIELD_STRING, .doc = "WORKDIR of the image."),                              \
        FACT(s, user, "user", FIELD_STRING, .flags = FIELD_KEEP_EMPTY, .doc = "USER of the image; default root."),     \
        FACT(s, stop_signal, "stopSignal", FIELD_STRING, .doc = "STOPSIGNAL of the image; default SIGTERM."),          \
        FACT(s, port, "port", FIELD_OPT_INT32, .doc = "Its server listens on this port; 0 = on none."),                \
        FACT(s, ports, "ports", FIELD_INT_LIST, .doc = "The same for several ports."),                                 \
        FACT(s, startup, "startup", FIELD_DURATION, .doc = "Time from start until its server listens."),               \
        FACT(s, userland, "userland", FIELD_ENUM, .values = userland_names,                                            \
             .doc = "Which commands exist in it beside its own: those of busybox (all in /bin), of alpine, of "        \
                    "Debian, or none."),                                                                               \
        FACT(s, commands, "commands", FIELD_STRING_LIST,                                                               \
             .doc = "Commands that it has beside those of its userland, such as curl."),                               \
        FACT(s, binaries, "binaries", FIELD_STRING_LIST,                                                               \
             .doc = "Paths of its own program beside those in entrypoint and cmd."),                                   \
        FACT(s, tools, "tools", FIELD_LIST, .type = &tool_type,                                                        \
             .doc = "Commands that ask its server whether it is well, beside those of what it is like."),              \
        FACT(s, files, "files", FIELD_LIST, .type = &file_type,                                                        \
             .doc = "Files in it, beside those of what it is like."),                                                  \
        FACT(s, size, "size", FIELD_QUANTITY,                                                                          \
             .doc = "Size of the image as it is transferred, which pulls take their time from."),                      \
        FACT(s, memory, "memory", FIELD_LIST, .type = &memory_type,                                                    \
             .doc = "What its own program uses over time. Between two points it changes steadily, after the last it "  \
                    "stays."),                                                                                         \
        FACT(s, behaviour, "behaviour", FIELD_POINTER, .type = &behaviour_type,                                        \
             .doc = "What its own program does, where neither a scenario nor an annotation of the pod says so."),      \
        FACT(s, present, "present", FIELD_OPT_BOOL, .doc = "On every node from the start; default false."),            \
        FACT(s, pull, "pull", FIELD_DURATION, .doc = "How long a pull takes; default: by its size."),                  \
        FACT(s, missing, "missing", FIELD_BOOL, .doc = "The registry does not have it: pulls fail."),                  \
        FACT(s, pull_error, "pullError", FIELD_STRING, .doc = "Pulls fail with this error text.")

static const struct api_field variant_fields[] = {
    FIELD(image_variant, tags, "tags", FIELD_STRING_LIST, .flags = FIELD_REQUIRED,
          .doc =
              "Tags as patterns with * and ?, or versions such as \"<1.19\" and \">=8.0\". No tag is `latest`, newer "
              "than every version."),
    FACTS(image_variant),
};
static void validate_variant(struct check *c, const void *object);
static const struct api_type variant_type =
    TYPE(image_variant, "ImageVariant", variant_fields, .validate = validate_variant,
         .doc = "What is different in some tags of an image.");

static const struct api_field entry_fields[] = {
    FIELD(image_entry, name, "name", FIELD_STRING, .flags = FIELD_REQUIRED | FIELD_IDENTITY,
          .doc = "Image name as in the manifest; without tag it stands for every tag, without registry for every "
                 "registry. What is not said below is taken from the built-in image of that name."),
    FIELD(image_entry, aliases, "aliases", FIELD_STRING_LIST, .doc = "Other names of the same."),
    FIELD(image_entry, like, "like", FIELD_STRING,
          .doc = "What is not said below is as in this image; default: in the built-in one of its own name."),
    FACTS(image_entry),
    FIELD(image_entry, variants, "variants", FIELD_LIST, .type = &variant_type,
          .doc = "What is different in some tags; of several that fit the later go over the earlier."),
};
static void validate_entry(struct check *c, const void *object);
const struct api_type image_entry_type =
    TYPE(image_entry, "Image", entry_fields, .validate = validate_entry,
         .doc = "What an image is, where the built-in catalogue does not know it or should be overruled.");

static const char *const api_versions[] = {"podsim.dev/v1", NULL};
static const char *const kinds[] = {"ImageCatalogue", NULL};
static const struct api_field catalogue_fields[] = {
    FIELD(image_catalogue_doc, api_version, "apiVersion", FIELD_ENUM, .flags = FIELD_REQUIRED, .values = api_versions,
          .doc = "podsim.dev/v1"),
    FIELD(image_catalogue_doc, kind, "kind", FIELD_ENUM, .flags = FIELD_REQUIRED, .values = kinds,
          .doc = "ImageCatalogue"),
    FIELD(image_catalogue_doc, images, "images", FIELD_LIST, .type = &image_entry_type, .flags = FIELD_REQUIRED,
          .doc = "The images."),
};
static void validate_catalogue(struct check *c, const void *object);
const struct api_type image_catalogue_type =
    TYPE(image_catalogue_doc, "ImageCatalogue", catalogue_fields, .validate = validate_catalogue,
         .doc = "What images are: beside, and above, podsim's own catalogue (`podsim help images`).");

/* ---- checks ---- */

static void check_absolute(struct check *c, const char *path)
{
    if (path && path[0] != '/')
        check_invalid(c, path, "must be an absolute path");
}

static void validate_file(struct check *c, const void *object)
{
    const struct image_file *f = object;
    check_absolute(AT(c, "path"), f->path);
    if (f->content && f->link)
        check_report(AT(c, "link"), NULL, "want either content or link");
    check_between(AT(c, "mode"), f->mode, 0, 07777);
}

static void validate_tool(struct check *c, const void *object)
{
    const struct image_tool *t = object;
    check_between(AT(c, "port"), t->port, 0, 65535);
    check_between(AT(c, "downExit"), t->down_exit, 0, 255);
    if (t->name && strchr(t->name, '/'))
        check_invalid(AT(c, "name"), t->name, "want a name without a directory");
}

static void check_memory(struct check *c, const struct image_facts *f)
{
    for (uint32_t k = 0; k < f->memory.count; k++) {
        struct check *at = AT(AT_ITEM(c, k), "at");
        check_duration(at, f->memory.items[k].at);
        check_amount(AT(AT_ITEM(c, k), "use"), &f->memory.items[k].use);
        if (k && f->memory.items[k].at <= f->memory.items[k - 1].at)
            check_report(at, NULL, "want a time after that of the point before");
    }
}

static void check_program(struct check *c, const char *program)
{
    const char *names[64];
    size_t count = 0;
    if (!program || program_by_name(program))
        return;
    for (uint32_t i = 0; count < ARRAY_LEN(names) && program_name(i); i++)
        names[count++] = program_name(i);
    const char *close = diag_closest(program, names, count);
    check_report(c, close ? arena_printf(c->run->arena, "did you mean \"%s\"?", close) : NULL,
                 "there is no program \"%s\"; `server` is one that listens and answers 200", program);
}

static void check_facts(struct check *c, const struct image_facts *f)
{
    check_program(AT(c, "program"), f->program);
    if (f->port.set)
        check_between(AT(c, "port"), f->port.value, 0, 65535);
    if (f->port.set && f->ports.count)
        check_report(AT(c, "ports"), NULL, "want either port or ports");
    for (uint32_t i = 0; i < f->ports.count; i++)
        check_between(AT_ITEM(AT(c, "ports"), i), f->ports.items[i], 1, 65535);
    check_duration(AT(c, "pull"), f->pull);
    check_duration(AT(c, "startup"), f->startup);
    check_amount(AT(c, "size"), &f->size);
    check_absolute(AT(c, "workingDir"), f->working_dir);
    for (uint32_t i = 0; i < f->binaries.count; i++)
        check_absolute(AT_ITEM(AT(c, "binaries"), i), f->binaries.items[i]);
    if (f->stop_signal && cri_signal_number(f->stop_signal) < 0)
        check_invalid(AT(c, "stopSignal"), f->stop_signal, "want a signal such as SIGTERM or SIGQUIT");
    check_memory(AT(c, "memory"), f);
}

static void check_name(struct check *c, const char *name)
{
    if (name && !*name)
        check_required(c, "the name of an image");
    else if (name && strpbrk(name, " \t\n"))
        check_invalid(c, name, "want the name of an image, without blanks");
}

static void validate_entry(struct check *c, const void *object)
{
    const struct image_entry *e = object;
    check_name(AT(c, "name"), e->name);
    for (uint32_t i = 0; i < e->aliases.count; i++)
        check_name(AT_ITEM(AT(c, "aliases"), i), e->aliases.items[i]);
    check_facts(c, &e->facts);
}

static bool has_name(const struct image_entry *e, const char *name)
{
    if (e->name && strcmp(e->name, name) == 0)
        return true;
    for (uint32_t i = 0; i < e->aliases.count; i++)
        if (strcmp(e->aliases.items[i], name) == 0)
            return true;
    return false;
}

static bool named_before(const struct image_entry *items, uint32_t i, const char *name)
{
    for (uint32_t k = 0; k < i; k++)
        if (has_name(&items[k], name))
            return true;
    return false;
}

void image_check_names(struct check *list, const struct image_entry *items, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        const struct image_entry *e = &items[i];
        if (e->name && named_before(items, i, e->name))
            check_duplicate(AT(AT_ITEM(list, i), "name"), e->name);
        for (uint32_t k = 0; k < e->aliases.count; k++)
            if (named_before(items, i, e->aliases.items[k]))
                check_duplicate(AT_ITEM(AT(AT_ITEM(list, i), "aliases"), k), e->aliases.items[k]);
    }
}

static void validate_catalogue(struct check *c, const void *object)
{
    const struct image_catalogue_doc *k = object;
    image_check_names(AT(c, "images"), k->images.items, k->images.count);
}

/* ---- tags ---- */

static bool is_digit(char ch) { return ch >= '0' && ch <= '9'; }

/* The next number of a version, 0 when there is none, and what follows it and a dot. */
static int64_t next_part(const char **s, const char *end)
{
    int64_t n = 0;
    for (; *s < end && is_digit(**s) && n < 1000000000; ++*s)
        n = n * 10 + (**s - '0');
    if (*s + 1 < end && **s == '.' && is_digit((*s)[1]))
        ++*s;
    else
        *s = end;
    return n;
}

/* A tag that ends early means the newest that begins so: "1" is not older than 1.19. */
static int compare_versions(const char *tag, const char *tag_end, const char *want, const char *want_end)
{
    while (tag < tag_end) {
        int64_t x = next_part(&tag, tag_end), y = next_part(&want, want_end);
        if (x != y)
            return x < y ? -1 : 1;
    }
    return want < want_end ? 1 : 0;
}

/* "<1.19", ">=8" */
static bool is_comparison(const char *pattern) { return *pattern == '<' || *pattern == '>'; }

static const char *version_part(const char *pattern) { return pattern + 1 + (pattern[1] == '='); }

/* A tag that is no version counts as the newest: latest, alpine, stable. */
static bool compare(const char *pattern, const char *tag, size_t len)
{
    const char *want = version_part(pattern), *end = tag + len;
    if (tag < end && *tag == 'v')
        tag++;
    bool newest = tag == end || !is_digit(*tag);
    int order = newest ? 1 : compare_versions(tag, end, want, want + strlen(want));
    return (order == 0 && pattern[1] == '=') || (*pattern == '<' ? order < 0 : order > 0);
}

/* With * and ?; the last star is the only one that ever has to give way. */
static bool glob(const char *pattern, const char *s, size_t len)
{
    const char *end = s + len, *star = NULL, *from = NULL;
    while (s < end) {
        if (*pattern == '*') {
            star = ++pattern;
            from = s;
        } else if (*pattern == *s || (*pattern == '?' && *s)) {
            pattern++;
            s++;
        } else if (star) {
            pattern = star;
            s = ++from;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return !*pattern;
}

bool image_tag_matches(const str_list *patterns, const struct image_reference *r)
{
    const char *tag = r->tag_len ? r->tag : "latest";
    size_t len = r->tag_len ? r->tag_len : strlen(tag);
    for (uint32_t i = 0; i < patterns->count; i++) {
        const char *p = patterns->items[i];
        if (is_comparison(p) ? compare(p, r->tag, r->tag_len) : glob(p, tag, len))
            return true;
    }
    return false;
}

static void validate_variant(struct check *c, const void *object)
{
    const struct image_variant *v = object;
    for (uint32_t i = 0; i < v->tags.count; i++) {
        const char *p = v->tags.items[i];
        if (is_comparison(p) && !is_digit(*version_part(p)))
            check_invalid(AT_ITEM(AT(c, "tags"), i), p, "want a version after the sign, such as \"<1.19\"");
    }
    check_facts(c, &v->facts);
}
