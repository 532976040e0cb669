/* cmd_diff.c - podsim diff A B: two runs, or two outputs, by what their rows say.
 *
 * A and B are each a scenario, or a case of one, which is run, or what `podsim run -o FORMAT` has printed: an expected
 * timeline, its .actual, a file somebody kept. A run is printed in the format of the other side.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/commands.h"
#include "tools/files.h"
#include "tools/golden.h"
#include "tools/job.h"
#include "tools/output.h"

struct side {
    const char *path;
    bool printed; /* else it is run */
    enum report_format format;
    struct strbuf text;
    bool loaded;
    struct text_list settings; /* --set, and those of the case */
    struct job job;
    struct cluster *cluster; /* after its run */
};

static int usage(const char *text) { return output_usage_error(CMD_DIFF, text); }

/* "web.yaml[grace=5,image=nginx:1.27]": a case of a file, as podsim test --list names it. */
static void take_case(struct arena *a, const struct options *o, struct side *s)
{
    const char *bracket = strchr(s->path, '['), *end = s->path + strlen(s->path);
    uint32_t max = o->settings.count + 1;
    for (const char *p = bracket; p && *p; p++)
        max += *p == ',';
    const char **items = arena_array(a, const char *, max);
    s->settings = (struct text_list){items, o->settings.count};
    if (o->settings.count)
        memcpy(items, o->settings.items, o->settings.count * sizeof *items);
    if (!bracket || end[-1] != ']' || access(s->path, F_OK) == 0)
        return;
    for (const char *p = bracket + 1; p < end - 1;) {
        size_t n = strcspn(p, ",]");
        items[s->settings.count++] = arena_strndup(a, p, n);
        p += n + 1;
    }
    s->path = arena_strndup(a, s->path, (size_t)(bracket - s->path));
}

/* Is it output of podsim, and in which format? Told by what is in it, not by its name. */
static int look_at(struct side *s)
{
    char *bytes;
    size_t length;
    if (file_is_manifest(s->path) || read_path(s->path, &bytes, &length) < 0)
        return 0; /* a scenario, or whoever loads it says what is wrong */
    struct golden_text text = {bytes, length};
    for (int f = 0; f < REPORT_FORMAT_COUNT && !s->printed; f++) {
        s->format = (enum report_format)f;
        s->printed = golden_recognizes(s->format, &text);
    }
    if (s->printed)
        strbuf_add(&s->text, bytes, length);
    free(bytes);
    return s->printed ? 0 : -1;
}

static int run_side(struct side *s, const struct options *o, enum report_format format)
{
    struct options own = *o;
    int code = EXIT_OK;
    if (s->printed)
        return EXIT_OK;
    own.files = (struct text_list){&s->path, 1};
    own.settings = s->settings;
    s->loaded = true;
    if (job_load(&s->job, &own) < 0)
        return EXIT_INPUT;
    s->cluster = job_run(&s->job, &own, &code);
    struct run_trace trace = cluster_trace(s->cluster);
    s->format = format;
    report_write(&trace, &(struct report_options){.format = format, .header = true, .scenario = s->job.scenario.name},
                 &s->text);
    return code;
}

static void side_fini(struct side *s)
{
    if (s->cluster)
        cluster_free(s->cluster);
    if (s->loaded)
        job_fini(&s->job);
    strbuf_fini(&s->text);
}

static void explain(void *ctx, const struct golden_row *row, struct strbuf *out)
{
    const struct side *s = ctx;
    struct run_trace trace = cluster_trace(s->cluster);
    golden_explain_row(&trace, row, out);
}

static int compare(const struct options *o, struct side *a, struct side *b)
{
    struct arena arena;
    struct golden_comparison c;
    const struct golden_settings settings = {.any_position = true,
                                             .tolerance = options_given(o, OPT_TOLERANCE) ? o->test.tolerance : 0,
                                             .ignore = {o->test.ignore.items, o->test.ignore.count}};
    const struct golden_text before = {strbuf_str(&a->text), a->text.len}, after = {strbuf_str(&b->text), b->text.len};
    struct golden_telling telling = {.explain = b->cluster ? explain : NULL,
                                     .explain_ctx = b,
                                     .two_runs = true,
                                     .color = output_color(o->color, STDOUT_FILENO),
                                     .differences_max = o->diff.full ? UINT32_MAX : 0,
                                     .lines_max = o->diff.full ? UINT32_MAX : 0};
    if (o->diff.unified) {
        telling.from = a->path;
        telling.to = b->path;
    }
    arena_init(&arena, 0);
    golden_compare(&arena, a->format, &before, &after, &settings, &c);
    if (!c.equal)
        golden_tell(&c, &telling, &output);
    int code = c.equal ? EXIT_OK : EXIT_NONE;
    arena_fini(&arena);
    return code;
}

static int diff(const struct options *o, struct side *a, struct side *b)
{
    enum report_format format = a->printed ? a->format : b->printed ? b->format : o->format;
    if (!golden_format_is(format))
        return usage(
            "diff compares what has rows: --output timeline, get-pods, events, logs, wide, transcript or jsonl");
    if (a->printed && b->printed && a->format != b->format) {
        struct strbuf text = STRBUF_INIT;
        strbuf_printf(&text, "%s is of the format %s, %s of %s", a->path, report_formats[a->format].name, b->path,
                      report_formats[b->format].name);
        int code = usage(strbuf_str(&text));
        strbuf_fini(&text);
        return code;
    }
    int code = run_side(a, o, format);
    if (code == EXIT_OK)
        code = run_side(b, o, format);
    return code == EXIT_OK ? compare(o, a, b) : code;
}

int cmd_diff(const struct options *o)
{
    struct strbuf complaint = STRBUF_INIT;
    if (o->files.count != 2)
        return usage("diff: want two scenarios or outputs to compare");
    if (golden_ignore_wrong(&o->test.ignore, &complaint) < 0) {
        int code = usage(strbuf_str(&complaint));
        strbuf_fini(&complaint);
        return code;
    }
    struct side a = {.path = o->files.items[0]}, b = {.path = o->files.items[1]};
    struct arena arena;
    arena_init(&arena, 0);
    take_case(&arena, o, &a);
    take_case(&arena, o, &b);
    const struct side *wrong = look_at(&a) < 0 ? &a : look_at(&b) < 0 ? &b : NULL;
    int code;
    if (wrong) {
        strbuf_printf(&complaint, "podsim: %s: neither a scenario (*.yaml, *.yml, *.json) nor output of podsim run\n",
                      wrong->path);
        output_error(&complaint);
        code = EXIT_INPUT;
    } else {
        code = diff(o, &a, &b);
    }
    strbuf_fini(&complaint);
    side_fini(&a);
    side_fini(&b);
    arena_fini(&arena);
    return code;
}
